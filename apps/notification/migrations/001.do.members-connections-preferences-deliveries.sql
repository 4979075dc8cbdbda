-- As the profile service tells (D13). Nothing here is written by hand.
CREATE TABLE notification.members (
  id                text PRIMARY KEY,
  name              text NOT NULL,
  headline          text NOT NULL,
  profile_url       text NOT NULL,
  email             text NOT NULL,
  locale            text,
  takes_invitations boolean NOT NULL
);

-- Each connection twice, once from either side: counting a member's, or those two have in common, reads one index.
CREATE TABLE notification.connections (
  member_id text NOT NULL,
  other_id  text NOT NULL,
  since     timestamptz(3) NOT NULL,
  PRIMARY KEY (member_id, other_id)
);

-- A member without a row gets all e-mails.
CREATE TABLE notification.email_preferences (
  member_id   text PRIMARY KEY,
  all_kinds   boolean NOT NULL,
  invitations boolean NOT NULL,
  reminders   boolean NOT NULL,
  acceptances boolean NOT NULL,
  replies     boolean NOT NULL,
  updated_at  timestamptz(3) NOT NULL DEFAULT now()
);

-- The ledger: one row for every e-mail that an event asks for, whatever becomes of it; and the queue of those that are
-- to be sent. A row is never deleted, so a message that comes again, after any time, finds that it has been handled.
CREATE TABLE notification.deliveries (
  event_id     uuid NOT NULL,
  recipient_id text NOT NULL,
  kind         text NOT NULL,
  -- Whom the e-mail is about: the inviter, or the new connection.
  about_id     text NOT NULL,
  happened_at  timestamptz(3) NOT NULL,
  -- What the e-mail says beside names; dropped once there is nothing left to send.
  content      jsonb,
  -- queued: to be sent at due_at, or claimed by an instance that has not begun the transfer; then due_at is the claim's
  -- end, as it is while sending: the transfer of its data has begun. unknown: nobody can tell whether it was taken.
  state        text NOT NULL DEFAULT 'queued'
               CHECK (state IN ('queued', 'sending', 'sent', 'suppressed', 'failed', 'unknown')),
  -- Why it is in this state; a code, never text from outside.
  reason       text,
  smtp_code    integer,
  attempts     integer NOT NULL DEFAULT 0,
  -- Which claim may write to the row: a claim that has run out and was given to another may not.
  claim        uuid,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  due_at       timestamptz(3) NOT NULL DEFAULT now(),
  settled_at   timestamptz(3),
  PRIMARY KEY (event_id, recipient_id, kind)
);
CREATE INDEX deliveries_due ON notification.deliveries (due_at) WHERE state IN ('queued', 'sending');
CREATE INDEX deliveries_between ON notification.deliveries (recipient_id, about_id, kind, happened_at);
CREATE INDEX deliveries_waiting_for_recipient ON notification.deliveries (recipient_id)
  WHERE state = 'queued' AND reason = 'MEMBER_UNKNOWN';
CREATE INDEX deliveries_waiting_for_about ON notification.deliveries (about_id)
  WHERE state = 'queued' AND reason = 'MEMBER_UNKNOWN';

-- Messages that are not what their topic carries. A table, for no further topic of this service may exist.
CREATE TABLE notification.dead_letters (
  topic     text NOT NULL,
  partition integer NOT NULL,
  position  bigint NOT NULL,
  key       bytea,
  value     bytea,
  -- Values in base64: they are bytes.
  headers   jsonb NOT NULL,
  reason    text NOT NULL,
  at        timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, partition, position)
);
