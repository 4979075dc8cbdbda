import { SLICES } from '#libs/event-store';
import { inTransaction, type Pool, type Queryable } from '#libs/platform';
import type { Position } from '../position.js';
import type { Held, Seat } from './seat.js';

/** The projection's first generation, where nothing of it exists yet. */
export async function ensureProjection(pool: Pool, projection: string): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      'INSERT INTO read_models.projections (name, live) VALUES ($1, 1) ON CONFLICT DO NOTHING',
      [projection],
    );
    if (rowCount === 1) await createSlices(tx, projection, 1);
  });
}

export async function createSlices(tx: Queryable, projection: string, generation: number): Promise<void> {
  await tx.query(
    `INSERT INTO read_models.slices (projection, generation, slice)
     SELECT $1, $2, slice FROM generate_series(0, $3) AS slice`,
    [projection, generation, SLICES - 1],
  );
}

/** How the replicas of a projection stand, by the database. */
export interface Standing {
  /** The generation that is shown. */
  readonly shown: number;
  readonly live: readonly string[];
  /** The replica's own slices, with their epochs. */
  readonly mine: ReadonlyMap<number, bigint>;
  /** Slices that nobody holds who is alive. */
  readonly free: number;
  /** An operator wants something of an account that is parked in one of them. */
  readonly isWanted: boolean;
}

interface StandingRow {
  readonly shown: number;
  readonly live: string[];
  readonly mine: Record<string, string> | null;
  readonly free: number;
  readonly wanted: boolean;
}

const LIVE = `SELECT replica FROM read_models.replicas WHERE projection = $1 AND generation = $2
  AND seen_at > clock_timestamp() - $4 * interval '1 ms'`;
const OWN = 'projection = $1 AND generation = $2 AND owner = $3';

/** Shows that the replica is alive, and tells how all of them stand. All times are the database's. */
export async function beat(db: Queryable, seat: Seat, ttlMs: number): Promise<Standing> {
  const { projection, generation, replica } = seat;
  await db.query(
    `INSERT INTO read_models.replicas (projection, generation, replica, seen_at)
     VALUES ($1, $2, $3, clock_timestamp())
     ON CONFLICT (projection, generation, replica) DO UPDATE SET seen_at = excluded.seen_at`,
    [projection, generation, replica],
  );
  const { rows } = await db.query<StandingRow>(
    `SELECT (SELECT live FROM read_models.projections WHERE name = $1) AS shown, ARRAY(${LIVE}) AS live,
       (SELECT json_object_agg(slice, epoch::text) FROM read_models.slices WHERE ${OWN}) AS mine,
       (SELECT count(*)::int FROM read_models.slices WHERE projection = $1 AND generation = $2
          AND (owner IS NULL OR owner NOT IN (${LIVE}))) AS free,
       EXISTS (SELECT FROM read_models.parked_accounts JOIN read_models.slices USING (projection, generation, slice)
          WHERE ${OWN} AND wanted IS NOT NULL) AS wanted`,
    [projection, generation, replica, ttlMs],
  );
  const { shown, live, mine, free, wanted } = rows[0]!;
  const epochs = Object.entries(mine ?? {}).map(([slice, epoch]) => [Number(slice), BigInt(epoch)] as const);
  return { shown, live, mine: new Map(epochs), free, isWanted: wanted };
}

/**
 * Takes up to `count` slices that nobody holds who is alive. It does not wait for one whose last owner still has a
 * transaction open: that one is taken once PostgreSQL has ended it.
 * @returns how many were taken
 */
export async function acquire(db: Queryable, seat: Seat, ttlMs: number, count: number): Promise<number> {
  if (count === 0) return 0;
  const { rowCount } = await db.query(
    `UPDATE read_models.slices SET owner = $3, epoch = epoch + 1, updated_at = now()
     WHERE projection = $1 AND generation = $2 AND slice IN (
       SELECT slice FROM read_models.slices WHERE projection = $1 AND generation = $2
         AND (owner IS NULL OR owner NOT IN (${LIVE}))
       ORDER BY slice LIMIT $5 FOR UPDATE SKIP LOCKED)`,
    [seat.projection, seat.generation, seat.replica, ttlMs, count],
  );
  return rowCount ?? 0;
}

/** Gives slices back, for others to take at once. */
export async function release(db: Queryable, seat: Seat, slices: readonly number[]): Promise<void> {
  if (slices.length === 0) return;
  await db.query(
    `UPDATE read_models.slices SET owner = NULL, updated_at = now() WHERE ${OWN} AND slice = ANY($4)`,
    [seat.projection, seat.generation, seat.replica, slices],
  );
}

/** Gives everything back. Replicas that went without a word are cleared away with it. */
export async function leave(db: Queryable, seat: Seat): Promise<void> {
  const values = [seat.projection, seat.generation, seat.replica];
  await db.query(`UPDATE read_models.slices SET owner = NULL, updated_at = now() WHERE ${OWN}`, values);
  await db.query(
    `DELETE FROM read_models.replicas WHERE projection = $1 AND generation = $2
     AND (replica = $3 OR seen_at < clock_timestamp() - interval '1 hour')`,
    values,
  );
}

/** The replica's slices with their checkpoints. */
export async function readHeld(db: Queryable, seat: Seat): Promise<Held> {
  const { rows } = await db.query<{ slice: number; epoch: string; commit: string | null; prepare: string }>(
    `SELECT slice, epoch::text, commit_position::text AS commit, prepare_position::text AS prepare
     FROM read_models.slices WHERE ${OWN} ORDER BY slice`,
    [seat.projection, seat.generation, seat.replica],
  );
  return new Map(
    rows.map(({ slice, epoch, commit, prepare }) => {
      const position: Position | undefined =
        commit === null ? undefined : { commit: BigInt(commit), prepare: BigInt(prepare) };
      return [slice, { slice, epoch: BigInt(epoch), position }];
    }),
  );
}
