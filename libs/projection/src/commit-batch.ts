import { inTransaction, type Pool, type Queryable } from '#libs/platform';
import type { Effect } from './effect.js';
import type { HandedOut } from './hand-out.js';
import { checkSlices, moveCheckpoints } from './leases/checkpoints.js';
import type { Seat } from './leases/seat.js';
import { park, queueUp } from './parking/parked.table.js';
import { savepoint } from './savepoint.js';
import { sift, type Stuck } from './sift.js';
import { isOfTheEvent } from './whose-failure.js';

/**
 * Carries out a batch and moves the checkpoints: rows in the same transaction, messages before it. When an event cannot
 * be handled, the batch is rolled back and done again in small, which shows whose it is; that account is parked.
 * @returns accounts that are parked from now on
 * @throws Fenced, or an outage: nothing of the batch counts then, but messages may have gone out
 */
export async function commitBatch(
  pool: Pool,
  seat: Seat,
  effect: Effect,
  batch: HandedOut,
): Promise<readonly Stuck[]> {
  if (batch.moved.length === 0) return [];
  try {
    await carryOut(pool, seat, effect, batch);
    return [];
  } catch (error) {
    if (!isOfTheEvent(error)) throw error;
    return carryOutInSmall(pool, seat, effect, batch);
  }
}

async function carryOut(pool: Pool, seat: Seat, effect: Effect, batch: HandedOut): Promise<void> {
  const { free } = batch;
  if (effect.kind === 'messages') {
    await checkSlices(pool, seat, batch.moved);
    await effect.send(free);
  }
  await inTransaction(pool, async (tx) => {
    await begin(tx, seat, batch);
    if (effect.kind === 'rows') await effect.write(tx, seat.generation, free);
  });
}

async function carryOutInSmall(
  pool: Pool,
  seat: Seat,
  effect: Effect,
  batch: HandedOut,
): Promise<readonly Stuck[]> {
  // No transaction is open while the broker is waited for.
  const unsent = effect.kind === 'messages' ? await sift(batch.free, effect.send.bind(effect)) : [];
  return inTransaction(pool, async (tx) => {
    await begin(tx, seat, batch);
    const unwritten =
      effect.kind === 'rows'
        ? await sift(batch.free, (events) => savepoint(tx, () => effect.write(tx, seat.generation, events)))
        : [];
    const stuck = [...unsent, ...unwritten];
    await park(tx, seat, stuck);
    return stuck;
  });
}

/** The checkpoints first: who gets past them holds the slices until the transaction ends. */
async function begin(tx: Queryable, seat: Seat, { moved, to, at, waiting }: HandedOut): Promise<void> {
  await moveCheckpoints(tx, seat, moved, to, at);
  await queueUp(tx, seat, waiting);
}
