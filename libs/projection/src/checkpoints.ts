import type { Queryable } from '#libs/platform';
import type { Position } from './position.js';

/** Somebody else has moved the checkpoint: this worker's batch is not to be counted, its transaction is rolled back. */
export class Fenced extends Error {
  constructor(projection: string) {
    super(`another worker has moved the checkpoint of ${projection}`);
  }
}

/** How far the projection has got; undefined before its first event. */
export async function readCheckpoint(db: Queryable, projection: string): Promise<Position | undefined> {
  const { rows } = await db.query<{ commit: string; prepare: string }>(
    `SELECT commit_position::text AS commit, prepare_position::text AS prepare
     FROM read_models.checkpoints WHERE projection = $1`,
    [projection],
  );
  const [row] = rows;
  return row && { commit: BigInt(row.commit), prepare: BigInt(row.prepare) };
}

/**
 * Moves the checkpoint from where the worker read on, in the transaction of the rows: a lock would be no fence, for
 * its holder may have been asleep while another worked.
 * @throws Fenced when it is no longer there
 */
export async function moveCheckpoint(
  tx: Queryable,
  projection: string,
  from: Position | undefined,
  to: Position,
): Promise<void> {
  const { rowCount } =
    from === undefined
      ? await tx.query(
          `INSERT INTO read_models.checkpoints (projection, commit_position, prepare_position)
           VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
          [projection, to.commit.toString(), to.prepare.toString()],
        )
      : await tx.query(
          `UPDATE read_models.checkpoints
           SET commit_position = $4, prepare_position = $5, updated_at = now()
           WHERE projection = $1 AND commit_position = $2 AND prepare_position = $3`,
          [
            projection,
            from.commit.toString(),
            from.prepare.toString(),
            to.commit.toString(),
            to.prepare.toString(),
          ],
        );
  if (rowCount !== 1) throw new Fenced(projection);
}
