-- Addresses that a server has refused without saying whether the mailbox is meant. The same answer days later suppresses.
CREATE TABLE notification.unclear_refusals (
  -- SHA-256 of the address in lower case.
  address_hash bytea PRIMARY KEY,
  first_at     timestamptz(3) NOT NULL DEFAULT now()
);

-- E-mails that a server has refused lately. Many addresses in a row mean that the server refuses all, whatever it says:
-- then what it has said of each is taken back. A row goes when the server takes an e-mail, or after some days.
CREATE TABLE notification.recent_refusals (
  event_id     uuid NOT NULL,
  recipient_id text NOT NULL,
  kind         text NOT NULL,
  address_hash bytea NOT NULL,
  -- counted: since the server last took an e-mail. returned: taken back, the circuit was open. isolated: the server has
  -- taken others since, so that the next refusal is about this address alone.
  stage        text NOT NULL CHECK (stage IN ('counted', 'returned', 'isolated')),
  -- What was concluded of the address.
  effect       text CHECK (effect IN ('suppressed', 'noted')),
  -- What the e-mail says, to queue it again; kept while it is counted.
  content      jsonb,
  at           timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (event_id, recipient_id, kind)
);
