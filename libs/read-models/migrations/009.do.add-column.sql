-- Adds a column to a read model: to the table of each generation, whichever there are by then, and to the view of the one
-- that is shown. Safe while the previous version runs, which names its columns, if the new one has a default or may be null.
CREATE FUNCTION read_models.add_column(read_model text, definition text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  shown regclass;
  generation regclass;
BEGIN
  -- Waits for the batches under way and holds up the next ones; nor can another generation come up meanwhile.
  LOCK TABLE read_models.slices IN SHARE ROW EXCLUSIVE MODE;
  -- In the order in which queries take their locks: the view, then its table.
  EXECUTE format('LOCK TABLE read_models.%I IN ACCESS EXCLUSIVE MODE', read_model);
  SELECT DISTINCT d.refobjid INTO STRICT shown FROM pg_rewrite r JOIN pg_depend d ON d.objid = r.oid
    WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
      AND r.ev_class = format('read_models.%I', read_model)::regclass AND d.refobjid <> r.ev_class;
  FOR generation IN
    SELECT oid FROM pg_class WHERE relnamespace = 'read_models'::regnamespace AND relkind = 'r'
      AND relname ~ format('^%s_g[0-9]+$', read_model)
  LOOP
    EXECUTE format('ALTER TABLE %s ADD COLUMN %s', generation, definition);
  END LOOP;
  EXECUTE format('CREATE OR REPLACE VIEW read_models.%I AS SELECT * FROM %s', read_model, shown);
END $$;
