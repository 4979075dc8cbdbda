import type { Queryable } from '#libs/platform';
import type { LogPosition } from '#libs/event-store/read-only';

/**
 * @returns the generation that queries read
 * @throws if the projection was never started
 */
export async function readLiveGeneration(db: Queryable, projection: string): Promise<number> {
  const { rows } = await db.query<{ live: number }>(
    'SELECT live FROM read_models.projections WHERE name = $1',
    [projection],
  );
  if (rows[0] === undefined) throw new Error(`there is no projection ${projection}`);
  return rows[0].live;
}

/** A slice of a generation: its checkpoint and its owner. */
export interface SliceRow {
  readonly slice: number;
  readonly position: LogPosition | undefined;
  /** When the event at the checkpoint was recorded. */
  readonly lastEventAt: string | null;
  readonly epoch: bigint;
  readonly owner: string | null;
}

export async function readSlices(
  db: Queryable,
  projection: string,
  generation: number,
): Promise<readonly SliceRow[]> {
  const { rows } = await db.query<{
    slice: number;
    commit: string | null;
    prepare: string;
    at: string | null;
    epoch: string;
    owner: string | null;
  }>(
    `SELECT slice, commit_position::text AS commit, prepare_position::text AS prepare, last_event_at AS at,
       epoch::text, owner
     FROM read_models.slices WHERE projection = $1 AND generation = $2 ORDER BY slice`,
    [projection, generation],
  );
  return rows.map(({ slice, commit, prepare, at, epoch, owner }) => ({
    slice,
    position: commit === null ? undefined : { commit: BigInt(commit), prepare: BigInt(prepare) },
    lastEventAt: at,
    epoch: BigInt(epoch),
    owner,
  }));
}
