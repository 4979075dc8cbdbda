-- Invitations that a follow-up superseded stay in the sent lists, with their replies. Safe while the previous version runs, whose worker
-- deletes these rows; its pages would show one that this version keeps as an invitation of its own until they are replaced.
--
-- Rows that were deleted earlier come back when the projection `sent` is rebuilt.
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
      CHECK (status IN ('pending', 'replied', 'accepted', 'withdrawn', 'expired', 'superseded')) NOT VALID$sql$, generation);
  END LOOP;
END $$;
