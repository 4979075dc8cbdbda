-- How far the directory of members has got in each partition of the profiles' topic. It moves in the transaction of the rows:
-- a consumer that was paused, and whose partition another has read on meanwhile, writes no old profile over a newer one.
CREATE TABLE read_models.profile_places (
  topic         text NOT NULL,
  partition     integer NOT NULL,
  next_position bigint NOT NULL,
  -- Time of the newest message so far, in milliseconds since 1970. What is newer and yet stands before `next_position` is
  -- in another log: the topic was made anew, or copied to another cluster.
  newest        bigint NOT NULL,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);
