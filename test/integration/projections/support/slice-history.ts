import type { Pool } from '#libs/platform';

/** Records every change of a checkpoint with its committer and epoch, by a trigger. */
export async function recordSlices(pool: Pool): Promise<void> {
  await pool.query(`
    CREATE TABLE test.moves (n bigserial, projection text, slice smallint, epoch bigint, before numeric, after numeric,
      committer text, owner text);
    CREATE FUNCTION test.note_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO test.moves (projection, slice, epoch, before, after, committer, owner)
      VALUES (new.projection, new.slice, new.epoch, old.commit_position, new.commit_position,
        current_setting('application_name'), new.owner);
      RETURN NULL;
    END $$;
    CREATE TRIGGER note_move AFTER UPDATE ON read_models.slices FOR EACH ROW
      WHEN (new.commit_position IS DISTINCT FROM old.commit_position) EXECUTE FUNCTION test.note_move()`);
}

/** Finds violations of the rules for checkpoints, described in words. */
export async function faultsIn(pool: Pool): Promise<{ moves: number; committers: number; faults: string[] }> {
  const { rows: faults } = await pool.query<{ fault: string }>(`
    SELECT 'went back: ' || to_json(m) AS fault FROM test.moves m WHERE after <= before
    UNION ALL
    SELECT 'began elsewhere than the one before it ended: ' || to_json(m) FROM (
      SELECT *, lag(after) OVER (PARTITION BY projection, slice ORDER BY n) AS ended FROM test.moves
    ) m WHERE ended IS NOT NULL AND before IS DISTINCT FROM ended
    UNION ALL
    SELECT 'committed by several: ' || projection || ' ' || slice || ' in epoch ' || epoch FROM test.moves
    GROUP BY projection, slice, epoch HAVING count(DISTINCT committer) > 1
    UNION ALL
    SELECT 'committed by another than its owner: ' || to_json(m) FROM test.moves m
    WHERE right(committer, length(owner)) <> owner OR owner IS NULL`);
  const { rows } = await pool.query<{ moves: number; committers: number }>(
    'SELECT count(*)::int AS moves, count(DISTINCT committer)::int AS committers FROM test.moves',
  );
  return { ...rows[0]!, faults: faults.map(({ fault }) => fault) };
}
