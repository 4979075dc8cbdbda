-- How many partitions a topic had when the service first started. With another number, messages of one key go to another
-- partition, and no longer come in order. An operator who means the change updates the row.
CREATE TABLE read_models.topic_partitions (
  topic      text PRIMARY KEY,
  partitions integer NOT NULL CHECK (partitions > 0),
  noted_at   timestamptz(3) NOT NULL DEFAULT now()
);
