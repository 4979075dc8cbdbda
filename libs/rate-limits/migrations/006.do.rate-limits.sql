-- Buckets of the limits that all instances of the api share. A row that is past `full_at` says what no row says, so it may
-- go at any time. Unlogged: after a crash everyone starts with a full bucket, and until then a take costs no flush.
CREATE UNLOGGED TABLE read_models.rate_limits (
  bucket  text PRIMARY KEY,
  full_at timestamptz NOT NULL
) WITH (fillfactor = 50);
