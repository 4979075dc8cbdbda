-- What each command id names, for ever (D10), and which process decides about it at the moment. A row is there before the
-- command has any effect. Not a read model: it stands nowhere else, so it is backed up with `command_outcomes`.
--
-- Safe while the previous version runs: that one knows only `command_outcomes`, which is written as before. A command that
-- it decided has an outcome and no row here.
CREATE TABLE read_models.command_claims (
  command_id uuid PRIMARY KEY,
  account_id text NOT NULL,
  actor_id   text NOT NULL,
  -- SHA-256 of type and data: see `commandDigest`.
  digest     bytea NOT NULL,
  -- Who may store a refusal. Each batch of a process is a holder of its own.
  holder     uuid NOT NULL,
  -- By the database's clock: nobody else takes the claim before its lease has passed since then.
  claimed_at timestamptz(3) NOT NULL,
  -- How often another holder has taken it over.
  takeovers  integer NOT NULL DEFAULT 0
);
