-- Members whose profile was removed: they act no more, unlike members whose profile was never seen. Safe while the previous
-- version runs, which does not know this table: a member who has a profile counts as present, whatever is here.
CREATE TABLE read_models.removed_members (
  id text PRIMARY KEY
);
