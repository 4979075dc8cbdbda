import { SLICES, type RecordedEvent } from '#libs/event-store';
import type { Pool } from '#libs/platform';
import { commitBatch } from '../commit-batch.js';
import { handOut, movedOn } from '../hand-out.js';
import { readHeld } from '../leases/leases.js';
import type { Held, HeldSlice, Seat } from '../leases/seat.js';
import { microBatches } from '../micro-batches.js';
import { parkedAccounts } from '../parking/parked.table.js';
import { isAfter, lowest, type Position } from '../position.js';
import type { Site } from './site.js';

/** Ten times what a live worker takes: nobody waits for these rows, and a batch costs the same for many as for few. */
const BATCH_EVENTS = 5_000;
const BATCH_MS = 20;

/** How long the event store may give nothing, though there is something. */
const SILENCE_MS = 30_000;

/** Where each slice is to get to; undefined for one that is to stay before everything. */
export type Targets = ReadonlyMap<number, Position | undefined>;

/** Takes all slices of a generation that no worker is to have, whoever held them. */
export async function takeAll(pool: Pool, seat: Seat): Promise<Held> {
  await pool.query(
    `UPDATE read_models.slices SET owner = $3, epoch = epoch + 1, updated_at = now()
     WHERE projection = $1 AND generation = $2`,
    [seat.projection, seat.generation, seat.replica],
  );
  return readHeld(pool, seat);
}

/** Slices that have events to come before they are at their targets. */
export const behind = (held: Held, targets: Targets): HeldSlice[] =>
  [...held.values()].filter(({ slice, position }) => {
    const target = targets.get(slice);
    return target !== undefined && isAfter(target, position);
  });

/**
 * Carries a generation on until each of its slices stands exactly at its target, and has no event beyond it. Targets are
 * checkpoints of another generation, so a subscription to all slices meets each of them.
 * @throws Fenced when somebody else has taken a slice
 */
export async function advance(
  { pool, log, effect, report }: Site,
  seat: Seat,
  from: Held,
  targets: Targets,
  signal: AbortSignal,
): Promise<Held> {
  const unfinished = behind(from, targets);
  if (unfinished.length === 0) return from;
  const ends = unfinished.map(({ slice }) => targets.get(slice)!).toSorted(compare);
  const end = ends.at(-1)!;
  const parked = await parkedAccounts(pool, seat, [...from.keys()]);
  const start = lowest(unfinished.map(({ position }) => position));
  const silence = new AbortController();
  const timer = setTimeout(
    () => silence.abort(new Error(`the event store gave nothing for ${SILENCE_MS / 1000} s`)),
    SILENCE_MS,
  );
  const either = AbortSignal.any([signal, silence.signal]);
  const open = (closing: AbortSignal) => log.follow(ALL, start, AbortSignal.any([either, closing]));
  let held = from;
  try {
    for await (const batch of microBatches(open, BATCH_EVENTS, BATCH_MS)) {
      for (const part of partsOf(batch, ends)) {
        either.throwIfAborted();
        const { position: to } = part.at(-1)!;
        const handedOut = handOut(part, within(held, targets, to), parked);
        for (const { accountId } of await commitBatch(pool, seat, effect, handedOut)) parked.add(accountId);
        held = movedOn(held, handedOut);
        report.passed(to, end, part.length);
      }
      if (!isAfter(end, batch.at(-1)!.position)) return held;
      timer.refresh();
    }
    either.throwIfAborted();
    throw new Error('the event store ended the subscription');
  } finally {
    clearTimeout(timer);
  }
}

const ALL = Array.from({ length: SLICES }, (_, slice) => slice);

const compare = (a: Position, b: Position): number => (isAfter(a, b) ? 1 : isAfter(b, a) ? -1 : 0);

/** The batch without what is behind the last end, cut after each end: some slices go no further than that. */
function partsOf(batch: readonly RecordedEvent[], ends: readonly Position[]): RecordedEvent[][] {
  const parts = Map.groupBy(batch, ({ position }) => ends.find((end) => !isAfter(position, end)));
  parts.delete(undefined);
  return [...parts.values()];
}

/** Slices that are not beyond their targets at a place. */
const within = (held: Held, targets: Targets, place: Position): Held =>
  new Map(
    [...held].filter(([slice]) => {
      const target = targets.get(slice);
      return target !== undefined && !isAfter(place, target);
    }),
  );
