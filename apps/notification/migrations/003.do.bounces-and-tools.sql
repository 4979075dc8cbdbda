-- Addresses of which a mail server has said that there is no such mailbox, or an operator has. A hash: it is enough to
-- know one again, and it outlives the member.
CREATE TABLE notification.bounced_addresses (
  -- SHA-256 of the address in lower case.
  address_hash bytea PRIMARY KEY,
  -- The server's code; null where an operator said so.
  smtp_code    integer,
  at           timestamptz(3) NOT NULL DEFAULT now()
);

-- Those that a person should look at, and what is kept of them.
CREATE INDEX deliveries_unknown ON notification.deliveries (settled_at) WHERE state = 'unknown';

-- Null: its message was not handled again.
ALTER TABLE notification.dead_letters ADD COLUMN redriven_at timestamptz(3);
