-- From this version on only offsets decide: a publisher's clock can say anything. The previous version, which still runs
-- during the roll-out, passes over what is before `next_position` unless it is newer than this, the last moment of the
-- year 9999.
ALTER TABLE read_models.profile_places ALTER COLUMN newest SET DEFAULT 253402300799999;
UPDATE read_models.profile_places SET newest = 253402300799999;

-- When the topic of the profiles was last read whole, and members that it no longer holds were removed. Null: it is to be
-- read as soon as possible.
CREATE TABLE read_models.profile_sweeps (
  topic       text PRIMARY KEY,
  finished_at timestamptz(3)
);
