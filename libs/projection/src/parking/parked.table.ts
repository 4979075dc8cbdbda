import type { RecordedEvent } from '#libs/event-store';
import type { Queryable } from '#libs/platform';
import type { Seat } from '../leases/seat.js';
import type { Stuck } from '../sift.js';
import { fromParked, toParked, type ParkedEvent } from './parked-event.js';

const PLACE = 'projection = $1 AND generation = $2';

/** Accounts of the slices that are parked. */
export async function parkedAccounts(
  db: Queryable,
  { projection, generation }: Seat,
  slices: readonly number[],
): Promise<Set<string>> {
  const { rows } = await db.query<{ account_id: string }>(
    `SELECT account_id FROM read_models.parked_accounts WHERE ${PLACE} AND slice = ANY($3)`,
    [projection, generation, slices],
  );
  return new Set(rows.map((row) => row.account_id));
}

/** Parks accounts with the events that failed and what came after them. */
export async function park(tx: Queryable, seat: Seat, stuck: readonly Stuck[]): Promise<void> {
  for (const { accountId, slice, error, events } of stuck) {
    await tx.query(
      `INSERT INTO read_models.parked_accounts (projection, generation, account_id, slice, error)
       VALUES ($1, $2, $3, $4, $5)`,
      [seat.projection, seat.generation, accountId, slice, error],
    );
    await queueUp(tx, seat, events);
  }
}

/** Events of parked accounts, behind what waits already. */
export async function queueUp(tx: Queryable, seat: Seat, events: readonly RecordedEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    `INSERT INTO read_models.parked_events
       (projection, generation, account_id, commit_position, prepare_position, event)
     SELECT $1, $2, * FROM unnest($3::text[], $4::numeric[], $5::numeric[], $6::json[])`,
    [
      seat.projection,
      seat.generation,
      events.map(({ accountId }) => accountId),
      events.map(({ position }) => position.commit.toString()),
      events.map(({ position }) => position.prepare.toString()),
      events.map((event) => JSON.stringify(toParked(event))),
    ],
  );
}

/** A parked account that an operator wants something of. */
export interface Wanted {
  readonly accountId: string;
  readonly slice: number;
  readonly wanted: 'retry' | 'skip';
}

export async function wantedAccounts(
  db: Queryable,
  { projection, generation }: Seat,
  slices: readonly number[],
): Promise<readonly Wanted[]> {
  const { rows } = await db.query<Wanted>(
    `SELECT account_id AS "accountId", slice, wanted FROM read_models.parked_accounts
     WHERE ${PLACE} AND slice = ANY($3) AND wanted IS NOT NULL ORDER BY parked_at`,
    [projection, generation, slices],
  );
  return rows;
}

/** The first events that wait, in order. */
export async function firstWaiting(
  db: Queryable,
  { projection, generation }: Seat,
  accountId: string,
  limit: number,
): Promise<readonly RecordedEvent[]> {
  const { rows } = await db.query<{ event: ParkedEvent }>(
    `SELECT event FROM read_models.parked_events WHERE ${PLACE} AND account_id = $3
     ORDER BY commit_position, prepare_position LIMIT $4`,
    [projection, generation, accountId, limit],
  );
  return rows.map(({ event }) => fromParked(event));
}

/** Takes events out that wait no longer. */
export async function takeOut(
  tx: Queryable,
  { projection, generation }: Seat,
  accountId: string,
  events: readonly RecordedEvent[],
): Promise<void> {
  await tx.query(
    `DELETE FROM read_models.parked_events WHERE ${PLACE} AND account_id = $3
     AND (commit_position, prepare_position) IN (SELECT * FROM unnest($4::numeric[], $5::numeric[]))`,
    [
      projection,
      generation,
      accountId,
      events.map(({ position }) => position.commit.toString()),
      events.map(({ position }) => position.prepare.toString()),
    ],
  );
}

/** The account goes on as any other. */
export async function setFree(
  tx: Queryable,
  { projection, generation }: Seat,
  accountId: string,
): Promise<void> {
  await tx.query(`DELETE FROM read_models.parked_accounts WHERE ${PLACE} AND account_id = $3`, [
    projection,
    generation,
    accountId,
  ]);
}

/** After an attempt that failed, or one that is only half done. */
export async function keepParked(
  tx: Queryable,
  { projection, generation }: Seat,
  accountId: string,
  outcome: { readonly error: string } | 'to be continued',
): Promise<void> {
  const place = [projection, generation, accountId];
  if (outcome === 'to be continued') {
    await tx.query(
      `UPDATE read_models.parked_accounts SET wanted = 'retry' WHERE ${PLACE} AND account_id = $3`,
      place,
    );
  } else {
    await tx.query(
      `UPDATE read_models.parked_accounts SET error = $4, attempts = attempts + 1, wanted = NULL
       WHERE ${PLACE} AND account_id = $3`,
      [...place, outcome.error],
    );
  }
}
