import type { RawEvent } from '#libs/event-store';
import type { Queryable } from '#libs/platform';
import type { FailedAccount } from '../event-failure.js';
import type { LeaseHolder } from '../leases/fencing.js';

const OF_GENERATION = 'projection = $1 AND generation = $2';

/** @returns ids of the parked accounts of the slices */
export async function findParkedAccounts(
  db: Queryable,
  { projection, generation }: LeaseHolder,
  slices: readonly number[],
): Promise<Set<string>> {
  const { rows } = await db.query<{ account_id: string }>(
    `SELECT account_id FROM read_models.parked_accounts WHERE ${OF_GENERATION} AND slice = ANY($3)`,
    [projection, generation, slices],
  );
  return new Set(rows.map((row) => row.account_id));
}

/** Parks accounts, each with the event that failed and the later ones of the batch. */
export async function parkAccounts(
  tx: Queryable,
  holder: LeaseHolder,
  failed: readonly FailedAccount[],
): Promise<void> {
  for (const { accountId, slice, error, events } of failed) {
    await tx.query(
      `INSERT INTO read_models.parked_accounts (projection, generation, account_id, slice, error)
       VALUES ($1, $2, $3, $4, $5)`,
      [holder.projection, holder.generation, accountId, slice, error],
    );
    await enqueueEvents(tx, holder, events);
  }
}

/** Queues events of parked accounts. */
export async function enqueueEvents(
  tx: Queryable,
  holder: LeaseHolder,
  events: readonly RawEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    `INSERT INTO read_models.parked_events
       (projection, generation, account_id, commit_position, prepare_position, event)
     SELECT $1, $2, * FROM unnest($3::text[], $4::numeric[], $5::numeric[], $6::json[])`,
    [
      holder.projection,
      holder.generation,
      events.map(({ accountId }) => accountId),
      events.map(({ position }) => position.commit.toString()),
      events.map(({ position }) => position.prepare.toString()),
      events.map((event) => JSON.stringify(toParkedEvent(event))),
    ],
  );
}

/** An action that an operator has requested for a parked account. The column is named `wanted`. */
export interface ParkedAction {
  readonly accountId: string;
  readonly slice: number;
  readonly action: 'retry' | 'skip';
}

export async function findRequestedActions(
  db: Queryable,
  { projection, generation }: LeaseHolder,
  slices: readonly number[],
): Promise<readonly ParkedAction[]> {
  const { rows } = await db.query<ParkedAction>(
    `SELECT account_id AS "accountId", slice, wanted AS action FROM read_models.parked_accounts
     WHERE ${OF_GENERATION} AND slice = ANY($3) AND wanted IS NOT NULL ORDER BY parked_at`,
    [projection, generation, slices],
  );
  return rows;
}

/** Reads the first queued events of an account, in order. */
export async function readParkedEvents(
  db: Queryable,
  { projection, generation }: LeaseHolder,
  accountId: string,
  limit: number,
): Promise<readonly RawEvent[]> {
  const { rows } = await db.query<{ event: ParkedEvent }>(
    `SELECT event FROM read_models.parked_events WHERE ${OF_GENERATION} AND account_id = $3
     ORDER BY commit_position, prepare_position LIMIT $4`,
    [projection, generation, accountId, limit],
  );
  return rows.map(({ event }) => fromParkedEvent(event));
}

/** Deletes events that were applied or skipped from the queue. */
export async function deleteEvents(
  tx: Queryable,
  { projection, generation }: LeaseHolder,
  accountId: string,
  events: readonly RawEvent[],
): Promise<void> {
  await tx.query(
    `DELETE FROM read_models.parked_events WHERE ${OF_GENERATION} AND account_id = $3
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

/** Its queue is empty: later events of the account are applied as they arrive. */
export async function unpark(
  tx: Queryable,
  { projection, generation }: LeaseHolder,
  accountId: string,
): Promise<void> {
  await tx.query(`DELETE FROM read_models.parked_accounts WHERE ${OF_GENERATION} AND account_id = $3`, [
    projection,
    generation,
    accountId,
  ]);
}

/** Records a failed attempt; the operator's request is done. */
export async function recordFailedAttempt(
  tx: Queryable,
  { projection, generation }: LeaseHolder,
  accountId: string,
  error: string,
): Promise<void> {
  await tx.query(
    `UPDATE read_models.parked_accounts SET error = $4, attempts = attempts + 1, wanted = NULL
     WHERE ${OF_GENERATION} AND account_id = $3`,
    [projection, generation, accountId, error],
  );
}

/** After a page of events, keeps the request as a retry: if the worker dies, the next owner continues. */
export async function requestContinuation(
  tx: Queryable,
  { projection, generation }: LeaseHolder,
  accountId: string,
): Promise<void> {
  await tx.query(
    `UPDATE read_models.parked_accounts SET wanted = 'retry' WHERE ${OF_GENERATION} AND account_id = $3`,
    [projection, generation, accountId],
  );
}

/** An event in the column `event`: JSON has no binary data, dates or 64-bit integers. */
export interface ParkedEvent extends Omit<RawEvent, 'revision' | 'created' | 'position'> {
  readonly revision: string;
  readonly created: string;
  readonly position: { readonly commit: string; readonly prepare: string };
}

function toParkedEvent({ revision, created, position, data, metadata, ...rest }: RawEvent): ParkedEvent {
  return {
    ...rest,
    data: bytesToText(data),
    metadata: bytesToText(metadata),
    revision: revision.toString(),
    created: created.toISOString(),
    position: { commit: position.commit.toString(), prepare: position.prepare.toString() },
  };
}

function fromParkedEvent({ revision, created, position, ...rest }: ParkedEvent): RawEvent {
  return {
    ...rest,
    revision: BigInt(revision),
    created: new Date(created),
    position: { commit: BigInt(position.commit), prepare: BigInt(position.prepare) },
  };
}

/** Binary data was written by a foreign program and cannot be decoded by any version: it is kept for people to read. */
const bytesToText = (part: unknown) =>
  part instanceof Uint8Array ? `base64:${Buffer.from(part).toString('base64')}` : part;
