-- A row for each untouched invitation. What is due is what the schedule makes of it: see `due-reminders.table.ts`.
CREATE TABLE read_models.reminders_g1 (
  invitation_id text PRIMARY KEY,
  sent_at       timestamptz(3) NOT NULL,
  -- Ordinal of the last reminder; 0 before the first.
  reminded      smallint NOT NULL
);
CREATE INDEX reminders_by_age ON read_models.reminders_g1 (reminded, sent_at);
CREATE VIEW read_models.reminders AS SELECT * FROM read_models.reminders_g1;

-- The last command `remind` of an invitation. No read model: it stands nowhere else, and a rebuild does not touch it.
-- Without a row the reminder is asked for at once, which is harmless: the decision knows what it has decided.
CREATE TABLE read_models.reminders_asked (
  invitation_id text PRIMARY KEY,
  ordinal       smallint NOT NULL,
  -- How often for this ordinal.
  attempt       integer NOT NULL,
  asked_at      timestamptz(3) NOT NULL,
  -- When it is asked for once more, if nothing has come of it by then.
  again_at      timestamptz(3) NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX reminders_asked_by_age ON read_models.reminders_asked (asked_at);
