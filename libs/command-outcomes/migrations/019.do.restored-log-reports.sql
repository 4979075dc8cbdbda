-- Who has found that the event store was restored to an earlier moment: `command`, or a projection. The notification app, which sees
-- no event store, sends nothing while there is a recent report. Safe while the previous version runs, which does not know this table.
CREATE TABLE read_models.restored_log_reports (
  reporter    text PRIMARY KEY,
  reason      text NOT NULL,
  reported_at timestamptz(3) NOT NULL
);
