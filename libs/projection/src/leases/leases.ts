import { SLICES } from '#libs/event-store';
import type { LogPosition } from '#libs/event-store/read-only';
import { inTransaction, type Pool, type Queryable } from '#libs/platform';
import type { LeaseHolder, OwnedSlices } from './fencing.js';

/** Creates the projection's first generation, unless the projection exists. */
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

/** The group of replicas that share the slices of a projection, as one of them reads it from the database. */
export interface GroupState {
  /** The generation that queries read. */
  readonly liveGeneration: number;
  /** Replicas with a heartbeat within the lease time. */
  readonly liveReplicas: readonly string[];
  /** Slices of the reading replica, with their epochs. */
  readonly owned: ReadonlyMap<number, bigint>;
  /** Number of slices without an owner, or with an owner that is not alive. */
  readonly unowned: number;
  /** An operator has requested an action for a parked account of the reading replica's slices. */
  readonly hasOperatorRequest: boolean;
}

interface GroupStateRow {
  readonly live_generation: number;
  readonly live_replicas: string[];
  readonly owned: Record<string, string> | null;
  readonly unowned: number;
  readonly has_request: boolean;
}

/** A heartbeat in the future is from before the database's clock was set back. A replica that is alive soon sends another one. */
const LIVE = `SELECT replica FROM read_models.replicas WHERE projection = $1 AND generation = $2
  AND seen_at BETWEEN clock_timestamp() - $4 * interval '1 ms' AND clock_timestamp() + $4 * interval '1 ms'`;
const OWN = 'projection = $1 AND generation = $2 AND owner = $3';

/** Records that the replica is alive and reads the state of its group. All times are the database's. */
export async function heartbeat(db: Queryable, holder: LeaseHolder, ttlMs: number): Promise<GroupState> {
  const { projection, generation, replica } = holder;
  await db.query(
    `INSERT INTO read_models.replicas (projection, generation, replica, seen_at)
     VALUES ($1, $2, $3, clock_timestamp())
     ON CONFLICT (projection, generation, replica) DO UPDATE SET seen_at = excluded.seen_at`,
    [projection, generation, replica],
  );
  const { rows } = await db.query<GroupStateRow>(
    `SELECT (SELECT live FROM read_models.projections WHERE name = $1) AS live_generation,
       ARRAY(${LIVE}) AS live_replicas,
       (SELECT json_object_agg(slice, epoch::text) FROM read_models.slices WHERE ${OWN}) AS owned,
       (SELECT count(*)::int FROM read_models.slices WHERE projection = $1 AND generation = $2
          AND (owner IS NULL OR owner NOT IN (${LIVE}))) AS unowned,
       EXISTS (SELECT FROM read_models.parked_accounts JOIN read_models.slices USING (projection, generation, slice)
          WHERE ${OWN} AND wanted IS NOT NULL) AS has_request`,
    [projection, generation, replica, ttlMs],
  );
  const row = rows[0]!;
  return {
    liveGeneration: row.live_generation,
    liveReplicas: row.live_replicas,
    owned: new Map(
      Object.entries(row.owned ?? {}).map(([slice, epoch]) => [Number(slice), BigInt(epoch)] as const),
    ),
    unowned: row.unowned,
    hasOperatorRequest: row.has_request,
  };
}

/**
 * Acquires up to `count` slices that have no live owner. Skips a slice that a transaction of its former owner still
 * locks; it can be acquired once PostgreSQL has ended that transaction.
 * @returns the number of slices acquired
 */
export async function acquireSlices(
  db: Queryable,
  holder: LeaseHolder,
  ttlMs: number,
  count: number,
): Promise<number> {
  if (count === 0) return 0;
  const { rowCount } = await db.query(
    `UPDATE read_models.slices SET owner = $3, epoch = epoch + 1, updated_at = now()
     WHERE projection = $1 AND generation = $2 AND slice IN (
       SELECT slice FROM read_models.slices WHERE projection = $1 AND generation = $2
         AND (owner IS NULL OR owner NOT IN (${LIVE}))
       ORDER BY slice LIMIT $5 FOR UPDATE SKIP LOCKED)`,
    [holder.projection, holder.generation, holder.replica, ttlMs, count],
  );
  return rowCount ?? 0;
}

/** Releases slices, so that other replicas can acquire them at once. */
export async function releaseSlices(
  db: Queryable,
  holder: LeaseHolder,
  slices: readonly number[],
): Promise<void> {
  if (slices.length === 0) return;
  await db.query(
    `UPDATE read_models.slices SET owner = NULL, updated_at = now() WHERE ${OWN} AND slice = ANY($4)`,
    [holder.projection, holder.generation, holder.replica, slices],
  );
}

/** Releases all slices and leaves the group. Also deletes replicas without a heartbeat for an hour. */
export async function releaseAll(db: Queryable, holder: LeaseHolder): Promise<void> {
  const values = [holder.projection, holder.generation, holder.replica];
  await db.query(`UPDATE read_models.slices SET owner = NULL, updated_at = now() WHERE ${OWN}`, values);
  await db.query(
    `DELETE FROM read_models.replicas WHERE projection = $1 AND generation = $2
     AND (replica = $3 OR seen_at < clock_timestamp() - interval '1 hour')`,
    values,
  );
}

/** Reads the replica's slices with their epochs and checkpoints. */
export async function readOwnedSlices(db: Queryable, holder: LeaseHolder): Promise<OwnedSlices> {
  const { rows } = await db.query<{
    slice: number;
    epoch: string;
    commit: string | null;
    prepare: string;
    event_id: string | null;
  }>(
    `SELECT slice, epoch::text, commit_position::text AS commit, prepare_position::text AS prepare,
       CASE WHEN last_event_position = commit_position THEN last_event_id END AS event_id
     FROM read_models.slices WHERE ${OWN} ORDER BY slice`,
    [holder.projection, holder.generation, holder.replica],
  );
  return new Map(
    rows.map(({ slice, epoch, commit, prepare, event_id }) => {
      const position: LogPosition | undefined =
        commit === null ? undefined : { commit: BigInt(commit), prepare: BigInt(prepare) };
      return [slice, { slice, epoch: BigInt(epoch), position, eventId: event_id ?? undefined }];
    }),
  );
}

/**
 * @returns the number of slices that a replica should own: the same for all, and one more for the first replicas by id
 *   if the division has a remainder; 0 if the replica is not in the list
 */
export function fairShare(liveReplicas: readonly string[], replica: string, slices: number): number {
  const sorted = liveReplicas.toSorted();
  const rank = sorted.indexOf(replica);
  if (rank === -1) return 0;
  return Math.floor(slices / sorted.length) + (rank < slices % sorted.length ? 1 : 0);
}

/** @returns the number of slices that the replica may acquire now */
export function slicesToAcquire({ liveReplicas, owned, unowned }: GroupState, replica: string): number {
  return Math.max(0, Math.min(unowned, fairShare(liveReplicas, replica, SLICES) - owned.size));
}

/** @returns the slices that the replica owns above its fair share */
export function slicesToRelease({ liveReplicas, owned }: GroupState, replica: string): number[] {
  return [...owned.keys()].toSorted((a, b) => a - b).slice(fairShare(liveReplicas, replica, SLICES));
}

/** Whether a worker has to finish its batch and start a new assignment. */
export function needsRebalance(group: GroupState, replica: string, assigned: OwnedSlices): boolean {
  const { owned, hasOperatorRequest } = group;
  if (hasOperatorRequest || slicesToRelease(group, replica).length > 0 || owned.size !== assigned.size)
    return true;
  return [...assigned.values()].some(({ slice, epoch }) => owned.get(slice) !== epoch);
}
