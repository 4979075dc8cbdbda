import type { Queryable } from '#libs/platform';
import type { LogPosition } from '#libs/event-store/read-only';

/** A replica that owns slices of a projection's generation. Its id is new with each start of its process. */
export interface LeaseHolder {
  readonly projection: string;
  readonly generation: number;
  readonly replica: string;
}

/** A slice as its owner read it from the database. */
export interface OwnedSlice {
  readonly slice: number;
  /** Raised whenever the slice changes its owner: it fences transactions that were started in an earlier epoch. */
  readonly epoch: bigint;
  /** Checkpoint: position of the last handled event; undefined before the first. */
  readonly position: LogPosition | undefined;
  /** The id of the event at the checkpoint; undefined if it was not stored. */
  readonly eventId?: string | undefined;
}

export type OwnedSlices = ReadonlyMap<number, OwnedSlice>;

/** The checkpoint after a batch: its last event. */
export interface NextCheckpoint {
  readonly to: LogPosition;
  readonly lastEventAt: Date;
  readonly lastEventId: string;
}

/** A slice changed its owner or its checkpoint since the worker read it: the worker's batch must not be committed. */
export class FencedError extends Error {
  constructor({ projection }: LeaseHolder) {
    super(`another worker took over a slice of ${projection} or advanced its checkpoint`);
  }
}

const text = (position: bigint | undefined) => position?.toString() ?? null;

/** The slices are as the worker read them: same owner, epoch and checkpoint. */
const IS_UNCHANGED = `s.projection = $1 AND s.generation = $2 AND s.owner = $3
  AND s.slice = owned.slice AND s.epoch = owned.epoch
  AND s.commit_position IS NOT DISTINCT FROM owned.commit
  AND s.prepare_position IS NOT DISTINCT FROM owned.prepare`;
const OWNED =
  'unnest($4::smallint[], $5::bigint[], $6::numeric[], $7::numeric[]) AS owned (slice, epoch, commit, prepare)';

const parameters = (holder: LeaseHolder, slices: readonly OwnedSlice[]): unknown[] => [
  holder.projection,
  holder.generation,
  holder.replica,
  slices.map(({ slice }) => slice),
  slices.map(({ epoch }) => epoch.toString()),
  slices.map(({ position }) => text(position?.commit)),
  slices.map(({ position }) => text(position?.prepare)),
];

/**
 * Advances checkpoints in the epoch in which the worker owns the slices. A lease alone is not a fence: its holder may
 * have been paused while another worker took over. Must be the first statement of the transaction: it locks the slices,
 * so nobody can take them before the transaction ends.
 * @throws FencedError
 */
export async function advanceCheckpoints(
  tx: Queryable,
  holder: LeaseHolder,
  slices: readonly OwnedSlice[],
  { to, lastEventAt, lastEventId }: NextCheckpoint,
): Promise<void> {
  const { rowCount } = await tx.query(
    `UPDATE read_models.slices AS s
     SET commit_position = $8, prepare_position = $9, last_event_at = $10,
       last_event_id = $11, last_event_position = $8, updated_at = now()
     FROM ${OWNED} WHERE ${IS_UNCHANGED}`,
    [
      ...parameters(holder, slices),
      text(to.commit),
      text(to.prepare),
      lastEventAt.toISOString(),
      lastEventId,
    ],
  );
  if (rowCount !== slices.length) throw new FencedError(holder);
}

/**
 * Checks, before messages are sent, that the slices are as the worker read them. Messages cannot be rolled back, so a
 * worker that resumes after a pause must not send what another one has sent.
 * @throws FencedError
 */
export async function assertLeases(
  db: Queryable,
  holder: LeaseHolder,
  slices: readonly OwnedSlice[],
): Promise<void> {
  const { rowCount } = await db.query(
    `SELECT FROM read_models.slices AS s, ${OWNED} WHERE ${IS_UNCHANGED}`,
    parameters(holder, slices),
  );
  if (rowCount !== slices.length) throw new FencedError(holder);
}

/**
 * Locks a slice until the transaction ends, without advancing its checkpoint.
 * @throws FencedError
 */
export async function lockSlice(
  tx: Queryable,
  holder: LeaseHolder,
  { slice, epoch }: OwnedSlice,
): Promise<void> {
  const { rowCount } = await tx.query(
    `SELECT FROM read_models.slices
     WHERE projection = $1 AND generation = $2 AND owner = $3 AND slice = $4 AND epoch = $5 FOR UPDATE`,
    [holder.projection, holder.generation, holder.replica, slice, epoch.toString()],
  );
  if (rowCount !== 1) throw new FencedError(holder);
}
