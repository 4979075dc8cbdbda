import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '#libs/platform';
import { askFor, listParked } from '#libs/projection';

const POLL_MS = 200;

/**
 * Asks for an account to be tried again and waits until that has been done.
 * @throws with what an operator should read: it is not parked, stays parked, or nobody has seen to it
 */
export async function ask(
  pool: Pool,
  wanted: 'retry' | 'skip',
  projection: string,
  accountId: string,
  waitMs: number,
  say: (line: string) => void,
): Promise<void> {
  if (!Number.isFinite(waitMs)) throw new Error('--wait must be a number of seconds');
  const generation = await askFor(pool, wanted, projection, accountId);
  if (generation === undefined) {
    throw new Error(`${accountId} is not parked in ${projection}`);
  }
  for (const deadline = Date.now() + waitMs; Date.now() < deadline; await sleep(POLL_MS)) {
    const all = await listParked(pool, projection, accountId);
    const parked = all.find((one) => one.generation === generation);
    if (parked === undefined) return say(`${accountId} is free again in ${projection}`);
    if (parked.wanted !== null) continue;
    const { error, waiting } = parked;
    throw new Error(`${accountId} stays parked in ${projection}, events that wait: ${waiting}; ${error}`);
  }
  throw new Error(`asked for, but no worker of ${projection} has seen to it yet: does one run?`);
}
