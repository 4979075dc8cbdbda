-- The event at each checkpoint, so that a restored log that has grown past the checkpoint is recognized.
--
-- Safe while the previous version runs: it advances checkpoints and leaves these columns as they are. So the id counts only
-- while `last_event_position` is the checkpoint's commit position.
ALTER TABLE read_models.slices
  ADD COLUMN last_event_id uuid,
  ADD COLUMN last_event_position numeric(20);
