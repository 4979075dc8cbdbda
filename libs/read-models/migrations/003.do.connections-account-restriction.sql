-- A connection twice, once from either side, each from that member's own account.
CREATE TABLE read_models.connections (
  pair      text PRIMARY KEY,
  member_id text NOT NULL,
  other_id  text NOT NULL,
  since     timestamptz(3) NOT NULL
);
CREATE INDEX connections_of_member ON read_models.connections (member_id, since DESC, other_id DESC);

-- For operators. How many declines an account has had stands nowhere outside the event store (R29).
CREATE TABLE read_models.account_restriction (
  account_id text PRIMARY KEY,
  restricted boolean NOT NULL,
  since      timestamptz(3) NOT NULL
);
