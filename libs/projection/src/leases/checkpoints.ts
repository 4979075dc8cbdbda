import type { Queryable } from '#libs/platform';
import type { Position } from '../position.js';
import type { HeldSlice, Seat } from './seat.js';

/** A slice is no longer this worker's, or no longer where it left it: its batch is not to count. */
export class Fenced extends Error {
  constructor({ projection }: Seat) {
    super(`another worker has taken or moved a slice of ${projection}`);
  }
}

const text = (position: bigint | undefined) => position?.toString() ?? null;

/** The slices as the worker found them: in its epoch, and where it read on from. */
const AS_FOUND = `s.projection = $1 AND s.generation = $2 AND s.owner = $3
  AND s.slice = held.slice AND s.epoch = held.epoch
  AND s.commit_position IS NOT DISTINCT FROM held.commit
  AND s.prepare_position IS NOT DISTINCT FROM held.prepare`;
const FOUND =
  'unnest($4::smallint[], $5::bigint[], $6::numeric[], $7::numeric[]) AS held (slice, epoch, commit, prepare)';

const asFound = (seat: Seat, slices: readonly HeldSlice[]): unknown[] => [
  seat.projection,
  seat.generation,
  seat.replica,
  slices.map(({ slice }) => slice),
  slices.map(({ epoch }) => epoch.toString()),
  slices.map(({ position }) => text(position?.commit)),
  slices.map(({ position }) => text(position?.prepare)),
];

/**
 * Moves checkpoints from where the worker read on, in the epoch in which it holds them: a lease alone would be no
 * fence, for its holder may have been asleep while another worked. To be the first in the transaction: from here to its
 * end nobody else can take the slices.
 * @throws Fenced
 */
export async function moveCheckpoints(
  tx: Queryable,
  seat: Seat,
  slices: readonly HeldSlice[],
  to: Position,
  lastEventAt: Date,
): Promise<void> {
  const { rowCount } = await tx.query(
    `UPDATE read_models.slices AS s
     SET commit_position = $8, prepare_position = $9, last_event_at = $10, updated_at = now()
     FROM ${FOUND} WHERE ${AS_FOUND}`,
    [...asFound(seat, slices), text(to.commit), text(to.prepare), lastEventAt.toISOString()],
  );
  if (rowCount !== slices.length) throw new Fenced(seat);
}

/**
 * Looks whether the slices are as the worker found them, for what no transaction can take back: whoever wakes up with a
 * batch in hand that others have carried out sends nothing.
 * @throws Fenced
 */
export async function checkSlices(db: Queryable, seat: Seat, slices: readonly HeldSlice[]): Promise<void> {
  const { rowCount } = await db.query(
    `SELECT FROM read_models.slices AS s, ${FOUND} WHERE ${AS_FOUND}`,
    asFound(seat, slices),
  );
  if (rowCount !== slices.length) throw new Fenced(seat);
}

/**
 * Holds on to a slice until the transaction ends, without moving it.
 * @throws Fenced
 */
export async function holdSlice(tx: Queryable, seat: Seat, { slice, epoch }: HeldSlice): Promise<void> {
  const { rowCount } = await tx.query(
    `SELECT FROM read_models.slices
     WHERE projection = $1 AND generation = $2 AND owner = $3 AND slice = $4 AND epoch = $5 FOR UPDATE`,
    [seat.projection, seat.generation, seat.replica, slice, epoch.toString()],
  );
  if (rowCount !== 1) throw new Fenced(seat);
}
