import type { RawEvent } from '#libs/event-store';
import { inTransaction, runTogether, type Pool, type Queryable } from '#libs/platform';
import { isEventFailure, isolateFailedEvents, withSavepoint, type FailedAccount } from './event-failure.js';
import {
  advanceCheckpoints,
  assertLeases,
  type LeaseHolder,
  type NextCheckpoint,
  type OwnedSlice,
  type OwnedSlices,
} from './leases/fencing.js';
import { isAfter } from '#libs/event-store/read-only';
import { enqueueEvents, parkAccounts } from './parking/parked-accounts.table.js';
import type { Sink } from './sink.js';

/** A batch of events, sorted by what is done with each. */
interface RoutedBatch extends NextCheckpoint {
  /** Slices whose checkpoints advance: all that are behind `to`, including those without an event in the batch. */
  readonly advanced: readonly OwnedSlice[];
  readonly applicable: readonly RawEvent[];
  /** Events of parked accounts: they are queued behind the events that wait already. */
  readonly deferred: readonly RawEvent[];
}

/**
 * Routes a batch, without events that a slice has handled already: checkpoints differ, and the subscription starts at
 * the lowest.
 * @param events at least one
 * @param parked ids of parked accounts
 */
export function routeBatch(
  events: readonly RawEvent[],
  owned: OwnedSlices,
  parked: ReadonlySet<string>,
): RoutedBatch {
  const { position: to, created: lastEventAt, id: lastEventId } = events.at(-1)!;
  const isNew = ({ slice, position }: RawEvent) =>
    owned.has(slice) && isAfter(position, owned.get(slice)!.position);
  const newEvents = events.filter(isNew);
  return {
    to,
    lastEventAt,
    lastEventId,
    advanced: [...owned.values()].filter(({ position }) => isAfter(to, position)),
    applicable: newEvents.filter(({ accountId }) => !parked.has(accountId)),
    deferred: newEvents.filter(({ accountId }) => parked.has(accountId)),
  };
}

/** @returns the slices as they are after the batch was committed */
export function withAdvancedCheckpoints(
  owned: OwnedSlices,
  { advanced, to, lastEventId }: RoutedBatch,
): OwnedSlices {
  return new Map([
    ...owned,
    ...advanced.map((one) => [one.slice, { ...one, position: to, eventId: lastEventId }] as const),
  ]);
}

/**
 * Writes a batch and advances the checkpoints: rows in the same transaction, messages before it. If an event cannot be
 * handled, rolls back and repeats the batch account by account, which shows whose event it is, and parks that account.
 * @returns the accounts that were parked
 * @throws FencedError, or the error of an outage; then nothing is committed, but messages may have been sent
 */
export async function commitBatch(
  pool: Pool,
  holder: LeaseHolder,
  sink: Sink,
  batch: RoutedBatch,
): Promise<readonly FailedAccount[]> {
  if (batch.advanced.length === 0) return [];
  try {
    await commitWhole(pool, holder, sink, batch);
    return [];
  } catch (error) {
    if (!isEventFailure(error)) throw error;
    return commitPerEvent(pool, holder, sink, batch);
  }
}

async function commitWhole(pool: Pool, holder: LeaseHolder, sink: Sink, batch: RoutedBatch): Promise<void> {
  const { applicable } = batch;
  if (sink.kind === 'messages') {
    await assertLeases(pool, holder, batch.advanced);
    await sink.send(applicable);
  }
  // The rows are prepared and sent while PostgreSQL advances the checkpoints. It executes the statements in their order, and COMMIT
  // is sent when all of them have succeeded: a worker that was fenced rolls back.
  await inTransaction(pool, async (tx) => {
    const advance = () => advanceAndDefer(tx, holder, batch);
    const write = () =>
      sink.kind === 'table' ? sink.write(tx, holder.generation, applicable) : Promise.resolve();
    await runTogether(tx, [advance, write]);
  });
}

async function commitPerEvent(
  pool: Pool,
  holder: LeaseHolder,
  sink: Sink,
  batch: RoutedBatch,
): Promise<readonly FailedAccount[]> {
  // Messages are sent before the transaction, so that none is open while the broker responds.
  const unsent =
    sink.kind === 'messages' ? await isolateFailedEvents(batch.applicable, sink.send.bind(sink)) : [];
  return inTransaction(pool, async (tx) => {
    await advanceAndDefer(tx, holder, batch);
    const unwritten =
      sink.kind === 'table'
        ? await isolateFailedEvents(batch.applicable, (events) =>
            withSavepoint(tx, () => sink.write(tx, holder.generation, events)),
          )
        : [];
    const failed = [...unsent, ...unwritten];
    await parkAccounts(tx, holder, failed);
    return failed;
  });
}

/** Advances the checkpoints first: that locks the slices until the transaction ends. */
async function advanceAndDefer(tx: Queryable, holder: LeaseHolder, batch: RoutedBatch): Promise<void> {
  await advanceCheckpoints(tx, holder, batch.advanced, batch);
  await enqueueEvents(tx, holder, batch.deferred);
}
