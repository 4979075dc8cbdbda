import type { RawEvent } from '#libs/event-store';
import { inTransaction, type Pool, type Queryable } from '#libs/platform';
import { isolateFailedEvents, withSavepoint, type FailedAccount } from '../event-failure.js';
import { assertLeases, lockSlice, type LeaseHolder, type OwnedSlice } from '../leases/fencing.js';
import type { Sink, TableSink } from '../sink.js';
import {
  deleteEvents,
  readParkedEvents,
  recordFailedAttempt,
  requestContinuation,
  unpark,
  type ParkedAction,
  type ParkedEvent,
} from './parked-accounts.table.js';

/** A parked account as operators see it. */
export interface ParkedAccount {
  readonly projection: string;
  readonly generation: number;
  readonly accountId: string;
  readonly error: string;
  readonly parkedAt: string;
  readonly attempts: number;
  readonly requestedAction: 'retry' | 'skip' | null;
  /** Number of queued events. */
  readonly waiting: number;
  /** The event that failed. */
  readonly first: { readonly id: string; readonly type: string; readonly revision: string };
}

/**
 * @param projection undefined for all projections
 * @param accountId undefined for all accounts
 */
export async function listParked(
  db: Queryable,
  projection?: string,
  accountId?: string,
): Promise<readonly ParkedAccount[]> {
  const { rows } = await db.query<Omit<ParkedAccount, 'first'> & { event: ParkedEvent }>(
    `SELECT projection, generation, account_id AS "accountId", error, parked_at AS "parkedAt", attempts,
       wanted AS "requestedAction",
       (SELECT count(*)::int FROM read_models.parked_events e WHERE ${SAME_ACCOUNT}) AS waiting,
       (SELECT event FROM read_models.parked_events e WHERE ${SAME_ACCOUNT}
          ORDER BY commit_position, prepare_position LIMIT 1) AS event
     FROM read_models.parked_accounts a
     WHERE projection = coalesce($1, projection) AND account_id = coalesce($2, account_id)
     ORDER BY projection, generation, parked_at, account_id`,
    [projection ?? null, accountId ?? null],
  );
  // The fields are not selected in SQL: PostgreSQL cannot extract from JSON that contains a NUL character.
  return rows.map(({ event: { id, type, revision }, ...account }) => ({
    ...account,
    first: { id, type, revision },
  }));
}

const SAME_ACCOUNT = `e.projection = a.projection AND e.generation = a.generation AND e.account_id = a.account_id`;

/**
 * Requests that the owner of the account's slice retries the account, or skips its first event. The owner does so at its
 * next heartbeat.
 * @param seen the account as the operator has seen it: a skip applies to the event that was first then, never to a later one
 * @returns false if the account has changed since, or another action is requested
 */
export async function requestParkedAction(
  db: Queryable,
  action: 'retry' | 'skip',
  { projection, generation, accountId, attempts, parkedAt }: ParkedAccount,
): Promise<boolean> {
  // All conditions are on the row itself: after waiting for its lock, PostgreSQL evaluates them again.
  const { rowCount } = await db.query(
    `UPDATE read_models.parked_accounts SET wanted = $4
     WHERE projection = $1 AND generation = $2 AND account_id = $3 AND coalesce(wanted, $4) = $4
       AND attempts = $5 AND date_trunc('milliseconds', parked_at) = $6`,
    [projection, generation, accountId, action, attempts, parkedAt],
  );
  return rowCount === 1;
}

export interface RetryResult {
  readonly isUnparked: boolean;
  /** Number of events applied. */
  readonly applied: number;
  /** The event that was skipped at an operator's request. */
  readonly skipped?: RawEvent;
}

const PAGE_EVENTS = 500;

/**
 * Applies the queued events of a parked account in order, as the owner of its slice; for `skip`, without the first one.
 * Each page of events is a transaction of its own, so a crash in between loses nothing and the next owner continues.
 * @throws FencedError, or the error of an outage
 */
export async function retryParkedAccount(
  pool: Pool,
  holder: LeaseHolder,
  sink: Sink,
  slice: OwnedSlice,
  { accountId, action }: ParkedAction,
): Promise<RetryResult> {
  let isToSkip = action === 'skip';
  let applied = 0;
  let skipped: RawEvent | undefined;
  for (;;) {
    const page = await readParkedEvents(pool, holder, accountId, PAGE_EVENTS);
    if (isToSkip) skipped = page[0];
    const events = isToSkip ? page.slice(1) : page;
    if (sink.kind === 'messages') await assertLeases(pool, holder, [slice]);
    const unsent = sink.kind === 'messages' ? await isolateFailedEvents(events, sink.send.bind(sink)) : [];
    const failure = await inTransaction(pool, async (tx) => {
      await lockSlice(tx, holder, slice);
      const unwritten = sink.kind === 'table' ? await writeEvents(tx, holder.generation, sink, events) : [];
      const [failed]: (FailedAccount | undefined)[] = [...unsent, ...unwritten];
      await deleteEvents(tx, holder, accountId, page.slice(0, page.length - (failed?.events.length ?? 0)));
      if (failed !== undefined) await recordFailedAttempt(tx, holder, accountId, failed.error);
      else if (page.length < PAGE_EVENTS) await unpark(tx, holder, accountId);
      else await requestContinuation(tx, holder, accountId);
      return failed;
    });
    applied += events.length - (failure?.events.length ?? 0);
    isToSkip = false;
    if (failure !== undefined || page.length < PAGE_EVENTS) {
      return { isUnparked: failure === undefined, applied, ...(skipped === undefined ? {} : { skipped }) };
    }
  }
}

const writeEvents = (
  tx: Queryable,
  generation: number,
  sink: TableSink,
  events: readonly RawEvent[],
): Promise<FailedAccount[]> =>
  isolateFailedEvents(events, (some) => withSavepoint(tx, () => sink.write(tx, generation, some)));
