-- The last event that a command app appended, as far as it has been recorded: one row. It shows whether the event store was
-- restored to an earlier moment. Safe while the previous version runs, which does not know this table.
CREATE TABLE read_models.last_append (
  is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
  account_id  text NOT NULL,
  revision    bigint NOT NULL,
  event_id    uuid NOT NULL,
  recorded_at timestamptz(3) NOT NULL
);
