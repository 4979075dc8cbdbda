-- The first outcome of every command, for ever (D10). Not a read model: refusals stand nowhere else, so it is backed up.
CREATE TABLE read_models.command_outcomes (
  command_id uuid PRIMARY KEY,
  actor_id   text NOT NULL,
  refusal    text,
  decided_at timestamptz(3) NOT NULL
);
