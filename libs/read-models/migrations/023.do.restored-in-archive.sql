-- Invitations that their recipient moved back to the inbox (D20). The inbox has dropped their rows, so its list takes them from
-- here. Safe while the previous version runs: it never writes the column, and no invitation is restored before the command app
-- of this version runs. Like every column of a read model, it is added to each generation; so is the index of the new list.
SELECT read_models.add_column('archive', 'restored boolean NOT NULL DEFAULT false');
DO $$
DECLARE
  generation regclass;
BEGIN
  FOR generation IN
    SELECT oid FROM pg_class WHERE relnamespace = 'read_models'::regnamespace AND relkind = 'r'
      AND relname ~ '^archive_g[0-9]+$'
  LOOP
    EXECUTE format('CREATE INDEX ON %s (recipient_id, sent_at DESC, invitation_id DESC) WHERE restored', generation);
  END LOOP;
END $$;
