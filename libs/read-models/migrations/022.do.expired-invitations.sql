-- Invitations that expire (D22): their status in the sent lists, the index that finds those that are old enough, and what the worker
-- `expiry` has asked for. Safe while the previous version runs, which never writes the new status.
--
-- The index is built with the sent lists locked against writing. With many rows, the worker `sent` waits that long.
LOCK TABLE read_models.slices IN SHARE ROW EXCLUSIVE MODE;
DO $$
DECLARE
  generation regclass;
BEGIN
  FOR generation IN
    SELECT oid FROM pg_class WHERE relnamespace = 'read_models'::regnamespace AND relkind = 'r' AND relname ~ '^sent_g[0-9]+$'
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS sent_status_check', generation);
    -- The rows satisfy the stricter constraint that was dropped, so they need not be read.
    EXECUTE format($sql$ALTER TABLE %s ADD CONSTRAINT sent_status_check
      CHECK (status IN ('pending', 'replied', 'accepted', 'withdrawn', 'expired')) NOT VALID$sql$, generation);
    -- The invitations that are open as far as their inviters can know (D1), the oldest first.
    EXECUTE format($sql$CREATE INDEX ON %s (sent_at) WHERE status IN ('pending', 'replied')$sql$, generation);
  END LOOP;
END $$;

-- The last command `expire` of an invitation. No read model: a rebuild does not touch it. Without a row the command is issued at
-- once, which is harmless: the decision knows what it has decided.
CREATE TABLE read_models.expiry_asked (
  invitation_id text PRIMARY KEY,
  attempt       integer NOT NULL,
  asked_at      timestamptz(3) NOT NULL,
  -- When it is asked for once more, if the invitation is still open then.
  again_at      timestamptz(3) NOT NULL
) WITH (fillfactor = 80);

-- One row: when the next commands may be issued, by whichever replica comes first. So all replicas share one rate.
CREATE TABLE read_models.expiry_pace (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  next_at  timestamptz NOT NULL DEFAULT 'epoch'
);
INSERT INTO read_models.expiry_pace DEFAULT VALUES;
