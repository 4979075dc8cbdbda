-- How far this app has got in each partition of the profiles' topic. It moves in the transaction of the rows: a consumer
-- that was paused, or whose group begins again, writes no old profile over a newer one.
CREATE TABLE notification.profile_offsets (
  topic       text NOT NULL,
  partition   integer NOT NULL,
  next_offset bigint NOT NULL,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

-- When the topic was last read whole, and members that it no longer holds were removed. Null: it is to be read as soon as
-- possible.
CREATE TABLE notification.profile_sweeps (
  topic       text PRIMARY KEY,
  finished_at timestamptz(3)
);
