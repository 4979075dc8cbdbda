import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '#libs/platform';
import { isAfter, type Position } from './position.js';
import type { ProjectionWorker } from './projection-worker.js';
import { readSlices } from './slices.query.js';

const POLL_MS = 50;

/**
 * Runs a worker on a generation until every slice of it has got to a position, that of an event of some account, such as
 * a checkpoint. The worker is to be the generation's only one: only a subscription to all slices meets every event.
 * @param worker made for that generation, not started
 */
export async function catchUp(
  pool: Pool,
  worker: ProjectionWorker,
  { projection, generation }: { readonly projection: string; readonly generation: number },
  until: Position,
  signal: AbortSignal,
): Promise<void> {
  const isThere = async () =>
    (await readSlices(pool, projection, generation)).every(
      ({ position }) => position !== undefined && !isAfter(until, position),
    );
  worker.start();
  try {
    while (!signal.aborted && !(await isThere())) {
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await worker.stop();
  }
  signal.throwIfAborted();
}
