-- From one checkpoint a projection to one a slice, and from one table a read model to one a generation behind a view.
--
-- Safe while the previous version runs: it asks for `checkpoints` in every transaction, before it writes anything. A
-- transaction under way ends before this one gets its lock; each later one fails and is rolled back, so its workers
-- stand still, and say so, until they are replaced. Its lists are read through the views like those of this version.
LOCK TABLE read_models.checkpoints IN ACCESS EXCLUSIVE MODE;

-- The generation that is shown and kept up to date.
CREATE TABLE read_models.projections (
  name text PRIMARY KEY,
  live integer NOT NULL
);

-- Lease and checkpoint of a slice in one row. Whoever takes the slice raises its epoch; a worker moves the checkpoint in
-- the transaction of its rows, and only from where it stood and in the epoch that it holds. Held while the owner is seen.
CREATE TABLE read_models.slices (
  projection       text NOT NULL,
  generation       integer NOT NULL,
  slice            smallint NOT NULL CHECK (slice BETWEEN 0 AND 63),
  -- Of the last event that was handled; null before the first.
  commit_position  numeric(20),
  prepare_position numeric(20),
  last_event_at    timestamptz(3),
  epoch            bigint NOT NULL DEFAULT 0,
  owner            text,
  updated_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (projection, generation, slice),
  CHECK ((commit_position IS NULL) = (prepare_position IS NULL))
) WITH (fillfactor = 50);

-- Who works on a projection, and when the database last heard of them, by its own clock.
CREATE TABLE read_models.replicas (
  projection text NOT NULL,
  generation integer NOT NULL,
  replica    text NOT NULL,
  seen_at    timestamptz NOT NULL,
  PRIMARY KEY (projection, generation, replica)
) WITH (fillfactor = 50);

-- Accounts with an event that the projection could not take. Only the owner of the slice writes these rows, but for
-- `wanted`, by which an operator asks it to try again, or to go on without the first event that waits.
CREATE TABLE read_models.parked_accounts (
  projection text NOT NULL,
  generation integer NOT NULL,
  account_id text NOT NULL,
  slice      smallint NOT NULL,
  error      text NOT NULL,
  parked_at  timestamptz NOT NULL DEFAULT now(),
  attempts   integer NOT NULL DEFAULT 1,
  wanted     text CHECK (wanted IN ('retry', 'skip')),
  PRIMARY KEY (projection, generation, account_id)
);

-- What waits behind that event, itself included, as it was stored. Not jsonb, which refuses some of what JSON may hold.
CREATE TABLE read_models.parked_events (
  projection       text NOT NULL,
  generation       integer NOT NULL,
  account_id       text NOT NULL,
  commit_position  numeric(20) NOT NULL,
  prepare_position numeric(20) NOT NULL,
  event            json NOT NULL,
  PRIMARY KEY (projection, generation, account_id, commit_position, prepare_position),
  -- No account is set free while something of it waits.
  FOREIGN KEY (projection, generation, account_id) REFERENCES read_models.parked_accounts
);

INSERT INTO read_models.projections (name, live) SELECT projection, 1 FROM read_models.checkpoints;
INSERT INTO read_models.slices (projection, generation, slice, commit_position, prepare_position)
  SELECT projection, 1, slice, commit_position, prepare_position
  FROM read_models.checkpoints, generate_series(0, 63) AS slice;
DROP TABLE read_models.checkpoints;

ALTER TABLE read_models.inbox RENAME TO inbox_g1;
CREATE VIEW read_models.inbox AS SELECT * FROM read_models.inbox_g1;
ALTER TABLE read_models.archive RENAME TO archive_g1;
CREATE VIEW read_models.archive AS SELECT * FROM read_models.archive_g1;
ALTER TABLE read_models.sent RENAME TO sent_g1;
CREATE VIEW read_models.sent AS SELECT * FROM read_models.sent_g1;
ALTER TABLE read_models.connections RENAME TO connections_g1;
CREATE VIEW read_models.connections AS SELECT * FROM read_models.connections_g1;
ALTER TABLE read_models.account_restriction RENAME TO account_restriction_g1;
CREATE VIEW read_models.account_restriction AS SELECT * FROM read_models.account_restriction_g1;
