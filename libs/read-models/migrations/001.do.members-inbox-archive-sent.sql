-- How far each projection has got in $all. A row moves in the same transaction as the rows that it accounts for.
CREATE TABLE read_models.checkpoints (
  projection       text PRIMARY KEY,
  commit_position  numeric(20) NOT NULL,
  prepare_position numeric(20) NOT NULL,
  updated_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE read_models.members (
  id                text PRIMARY KEY,
  name              text NOT NULL,
  headline          text NOT NULL,
  profile_url       text NOT NULL,
  email             text NOT NULL,
  takes_invitations boolean NOT NULL
);

CREATE TABLE read_models.inbox (
  invitation_id text PRIMARY KEY,
  inviter_id    text NOT NULL,
  recipient_id  text NOT NULL,
  message       text,
  sent_at       timestamptz(3) NOT NULL
);
CREATE INDEX inbox_of_recipient ON read_models.inbox (recipient_id, sent_at DESC, invitation_id DESC);

-- Holds an invitation from its sending on, for only that event has the message; listed once it is ignored.
CREATE TABLE read_models.archive (
  invitation_id text PRIMARY KEY,
  inviter_id    text NOT NULL,
  recipient_id  text NOT NULL,
  message       text,
  sent_at       timestamptz(3) NOT NULL,
  ignored       boolean NOT NULL
);
CREATE INDEX archive_of_recipient ON read_models.archive (recipient_id, sent_at DESC, invitation_id DESC)
  WHERE ignored;

CREATE TABLE read_models.sent (
  invitation_id text PRIMARY KEY,
  inviter_id    text NOT NULL,
  recipient_id  text NOT NULL,
  message       text,
  sent_at       timestamptz(3) NOT NULL,
  status        text NOT NULL CHECK (status IN ('pending', 'replied', 'accepted', 'withdrawn'))
);
CREATE INDEX sent_of_inviter ON read_models.sent (inviter_id, sent_at DESC, invitation_id DESC);
