import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '#libs/platform';
import { askFor, listParked, liveGeneration, type ParkedAccount } from '#libs/projection';

const POLL_MS = 200;

/** What an operator wants. A skip names the event, so that two operators do not pass over two. */
export type Wish = { readonly wanted: 'retry' } | { readonly wanted: 'skip'; readonly eventId: string };

/**
 * Asks for an account to be tried again and waits until that has been done.
 * @throws with what an operator should read: it is not parked, stays parked, or nobody has seen to it
 */
export async function ask(
  pool: Pool,
  wish: Wish,
  projection: string,
  accountId: string,
  waitMs: number,
  say: (line: string) => void,
): Promise<void> {
  if (!Number.isFinite(waitMs)) throw new Error('--wait must be a number of seconds');
  const parked = await parkedIn(pool, projection, accountId);
  if (parked === undefined) throw new Error(`${accountId} is not parked in ${projection}`);
  const { id, type } = parked.first;
  if (wish.wanted === 'skip' && wish.eventId !== id) {
    throw new Error(`${accountId} does not stand at that event in ${projection}, but at ${type} ${id}`);
  }
  if (!(await askFor(pool, wish.wanted, parked))) {
    throw new Error(`somebody else sees to ${accountId} in ${projection}: look again with parked`);
  }
  for (const deadline = Date.now() + waitMs; Date.now() < deadline; await sleep(POLL_MS)) {
    const now = await parkedIn(pool, projection, accountId);
    if (now === undefined) return say(`${accountId} is free again in ${projection}`);
    if (now.wanted !== null) continue;
    const { error, waiting, first } = now;
    throw new Error(
      `${accountId} stays parked in ${projection} at ${first.type} ${first.id}, events that wait: ${waiting}; ${error}`,
    );
  }
  throw new Error(`asked for, but no worker of ${projection} has seen to it yet: does one run?`);
}

/** In the generation that is shown. */
async function parkedIn(
  pool: Pool,
  projection: string,
  accountId: string,
): Promise<ParkedAccount | undefined> {
  const all = await listParked(pool, projection, accountId);
  if (all.length === 0) return undefined;
  const live = await liveGeneration(pool, projection);
  return all.find(({ generation }) => generation === live);
}
