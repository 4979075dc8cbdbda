import { SLICES, type RawEvent } from '#libs/event-store';
import type { Pool } from '#libs/platform';
import { commitBatch, routeBatch, withAdvancedCheckpoints } from '../commit-batch.js';
import type { LeaseHolder, OwnedSlice, OwnedSlices } from '../leases/fencing.js';
import { readOwnedSlices } from '../leases/leases.js';
import { isAfter, lowestPosition, type LogPosition } from '#libs/event-store/read-only';
import { microBatches } from '../micro-batches.js';
import { findParkedAccounts } from '../parking/parked-accounts.table.js';
import type { RebuildContext } from './rebuild-context.js';

/** Larger than a live worker's batches: nobody waits for these rows, and larger batches cost less per event. */
const BATCH_MAX_EVENTS = 5_000;
const BATCH_MAX_WAIT_MS = 20;

/** How long the event store may deliver nothing although the targets are not reached. */
const STALL_MS = 30_000;

/** The checkpoint that each slice has to reach; undefined for a slice that must not be advanced. */
export type SliceTargets = ReadonlyMap<number, LogPosition | undefined>;

/** Takes all slices of a generation from their owners. */
export async function acquireAllSlices(pool: Pool, holder: LeaseHolder): Promise<OwnedSlices> {
  await pool.query(
    `UPDATE read_models.slices SET owner = $3, epoch = epoch + 1, updated_at = now()
     WHERE projection = $1 AND generation = $2`,
    [holder.projection, holder.generation, holder.replica],
  );
  return readOwnedSlices(pool, holder);
}

/** @returns the slices that have not reached their targets */
const laggingSlices = (owned: OwnedSlices, targets: SliceTargets): OwnedSlice[] =>
  [...owned.values()].filter(({ slice, position }) => {
    const target = targets.get(slice);
    return target !== undefined && isAfter(target, position);
  });

/**
 * Applies events to a generation until the checkpoint of each slice is exactly its target, and no later event of the
 * slice is applied. Targets are checkpoints of another generation, so each is the position of an event that a
 * subscription to all slices delivers.
 * @throws FencedError when another process has taken a slice
 */
export async function catchUpTo(
  { pool, log, sink, reporter }: RebuildContext,
  holder: LeaseHolder,
  from: OwnedSlices,
  targets: SliceTargets,
  signal: AbortSignal,
): Promise<OwnedSlices> {
  const lagging = laggingSlices(from, targets);
  if (lagging.length === 0) return from;
  const ends = lagging.map(({ slice }) => targets.get(slice)!).toSorted(compare);
  const lastEnd = ends.at(-1)!;
  const parked = await findParkedAccounts(pool, holder, [...from.keys()]);
  const start = lowestPosition(lagging.map(({ position }) => position));
  const stalled = new AbortController();
  const timer = setTimeout(
    () => stalled.abort(new Error(`the event store delivered no event for ${STALL_MS / 1000} s`)),
    STALL_MS,
  );
  const either = AbortSignal.any([signal, stalled.signal]);
  const subscribe = (closing: AbortSignal) =>
    log.subscribe(ALL_SLICES, start, AbortSignal.any([either, closing]));
  let owned = from;
  try {
    for await (const events of microBatches(subscribe, BATCH_MAX_EVENTS, BATCH_MAX_WAIT_MS)) {
      for (const part of splitAtTargets(events, ends)) {
        either.throwIfAborted();
        const { position: to } = part.at(-1)!;
        const batch = routeBatch(part, slicesUpTo(owned, targets, to), parked);
        for (const { accountId } of await commitBatch(pool, holder, sink, batch)) parked.add(accountId);
        owned = withAdvancedCheckpoints(owned, batch);
        reporter.onProgress(to, lastEnd, part.length);
      }
      if (!isAfter(lastEnd, events.at(-1)!.position)) return owned;
      timer.refresh();
    }
    either.throwIfAborted();
    throw new Error('the event store ended the subscription');
  } finally {
    clearTimeout(timer);
  }
}

const ALL_SLICES = Array.from({ length: SLICES }, (_, slice) => slice);

const compare = (a: LogPosition, b: LogPosition): number => (isAfter(a, b) ? 1 : isAfter(b, a) ? -1 : 0);

/**
 * Splits a batch after each target, because some slices must not be advanced beyond it, and omits events after the last
 * target.
 */
function splitAtTargets(events: readonly RawEvent[], ends: readonly LogPosition[]): RawEvent[][] {
  const parts = Map.groupBy(events, ({ position }) => ends.find((end) => !isAfter(position, end)));
  parts.delete(undefined);
  return [...parts.values()];
}

/** @returns the slices whose targets are not before the position */
const slicesUpTo = (owned: OwnedSlices, targets: SliceTargets, position: LogPosition): OwnedSlices =>
  new Map(
    [...owned].filter(([slice]) => {
      const target = targets.get(slice);
      return target !== undefined && !isAfter(position, target);
    }),
  );
