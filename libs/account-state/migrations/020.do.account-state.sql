-- The state of each account as the command app decides from it, folded from the account's stream. Safe while the previous
-- version runs, which does not know this table. It shows who declined: no other app reads it (R29).
CREATE TABLE read_models.account_state_g1 (
  -- The account's head: `<account>`. An entry: `<account> r <other member>` for a relation, `<account> i <invitation>`,
  -- `<account> c <command>` for a command that the account has processed.
  key      text PRIMARY KEY,
  -- The revision of the last event that changed the row; of a head, of the last event of the account.
  revision bigint NOT NULL,
  state    jsonb NOT NULL
);
CREATE VIEW read_models.account_state AS SELECT * FROM read_models.account_state_g1;
