import type { RecordedEvent } from '#libs/event-store';
import { inTransaction, type Pool, type Queryable } from '#libs/platform';
import type { Effect } from '../effect.js';
import { checkSlices, holdSlice } from '../leases/checkpoints.js';
import type { HeldSlice, Seat } from '../leases/seat.js';
import { savepoint } from '../savepoint.js';
import { sift, type Stuck } from '../sift.js';
import { firstWaiting, keepParked, setFree, takeOut, type Wanted } from './parked.table.js';

/** What became of an attempt. */
export interface Redriven {
  readonly isFree: boolean;
  readonly applied: number;
  /** The event that an operator wanted to be passed over. */
  readonly skipped?: RecordedEvent;
}

const PAGE_EVENTS = 500;

/**
 * Tries again what waits of a parked account, in order, as its slice's owner; with `skip`, without the first event.
 * Each page of events is a transaction, so a crash in between loses nothing and the rest is gone on with.
 */
export async function redrive(
  pool: Pool,
  seat: Seat,
  effect: Effect,
  slice: HeldSlice,
  { accountId, wanted }: Wanted,
): Promise<Redriven> {
  let passOver = wanted === 'skip';
  let applied = 0;
  let skipped: RecordedEvent | undefined;
  for (;;) {
    const page = await firstWaiting(pool, seat, accountId, PAGE_EVENTS);
    if (passOver) skipped = page[0];
    const events = passOver ? page.slice(1) : page;
    if (effect.kind === 'messages') await checkSlices(pool, seat, [slice]);
    const unsent = effect.kind === 'messages' ? await sift(events, effect.send.bind(effect)) : [];
    const stuck = await inTransaction(pool, async (tx) => {
      await holdSlice(tx, seat, slice);
      const unwritten = effect.kind === 'rows' ? await write(tx, seat.generation, effect, events) : [];
      const [failed]: (Stuck | undefined)[] = [...unsent, ...unwritten];
      await takeOut(tx, seat, accountId, page.slice(0, page.length - (failed?.events.length ?? 0)));
      if (failed !== undefined) await keepParked(tx, seat, accountId, failed);
      else if (page.length < PAGE_EVENTS) await setFree(tx, seat, accountId);
      else await keepParked(tx, seat, accountId, 'to be continued');
      return failed;
    });
    applied += events.length - (stuck?.events.length ?? 0);
    passOver = false;
    if (stuck !== undefined || page.length < PAGE_EVENTS) {
      return { isFree: stuck === undefined, applied, ...(skipped === undefined ? {} : { skipped }) };
    }
  }
}

const write = (
  tx: Queryable,
  generation: number,
  effect: Extract<Effect, { kind: 'rows' }>,
  events: readonly RecordedEvent[],
): Promise<Stuck[]> => sift(events, (some) => savepoint(tx, () => effect.write(tx, generation, some)));
