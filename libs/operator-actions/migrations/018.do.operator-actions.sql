-- What operators changed with the command-line tools: one row for each run, written before the change. Safe while the
-- previous version runs, which does not know this table. Nothing reads it but people, so it is backed up and never purged.
CREATE TABLE read_models.operator_actions (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  started_at  timestamptz(3) NOT NULL DEFAULT now(),
  -- Null if the run failed or was interrupted.
  finished_at timestamptz(3),
  operator    text NOT NULL,
  -- The tool, its subcommand and its arguments. Without e-mail addresses.
  action      text NOT NULL,
  why         text
);
