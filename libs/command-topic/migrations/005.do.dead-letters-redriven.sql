-- Dead letters of commands that were published again, by the place of their message. Not a read model: it stands nowhere else.
CREATE TABLE read_models.dead_letters_redriven (
  topic       text NOT NULL,
  partition   integer NOT NULL,
  position    bigint NOT NULL,
  redriven_at timestamptz(3) NOT NULL,
  PRIMARY KEY (topic, partition, position)
);
