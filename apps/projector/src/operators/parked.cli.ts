import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '#libs/platform';
import { listParked, readLiveGeneration, requestParkedAction, type ParkedAccount } from '#libs/projection';
import { WORKERS } from '../workers.js';

/** `projections parked`: lists parked accounts. */
export async function runParked(
  pool: Pool,
  projection: string | undefined,
  isJson: boolean,
  print: (line: string) => void,
): Promise<void> {
  if (projection !== undefined) await expectProjection(pool, projection);
  const parked = await listParked(pool, projection);
  if (isJson) return print(JSON.stringify(parked.map(asJson)));
  if (parked.length === 0) return print('no account is parked');
  for (const {
    projection: name,
    generation,
    accountId,
    error,
    parkedAt,
    attempts,
    waiting,
    first,
  } of parked) {
    print(`${name} (generation ${generation}): ${accountId}, since ${parkedAt}, attempts: ${attempts}`);
    print(`  ${first.type} ${first.id}, revision ${first.revision}: ${error}`);
    print(`  queued events: ${waiting}`);
  }
}

/** The JSON output keeps the name `wanted`, like the column: scripts of operators may read it. */
const asJson = ({ requestedAction, waiting, first, ...account }: ParkedAccount) => ({
  ...account,
  wanted: requestedAction,
  waiting,
  first,
});

const POLL_MS = 200;

/** The worker `members` reads no events. */
const PROJECTIONS: readonly string[] = WORKERS.filter((name) => name !== 'members');

/** An operator's request. A skip names the event, so that two operators do not skip two events. */
export type RequestedAction =
  { readonly action: 'retry' } | { readonly action: 'skip'; readonly eventId: string };

/**
 * `projections retry` and `projections skip`: requests the action and waits until a worker has done it.
 * @throws an error for the operator: the account is not parked, stays parked, or no worker has handled the request
 */
export async function runParkedAction(
  pool: Pool,
  request: RequestedAction,
  projection: string,
  accountId: string,
  waitMs: number,
  print: (line: string) => void,
): Promise<void> {
  if (!Number.isFinite(waitMs)) throw new Error('--wait must be a number of seconds');
  await expectProjection(pool, projection);
  const parked = await findParkedAccount(pool, projection, accountId);
  if (parked === undefined) throw new Error(`${accountId} is not parked in ${projection}`);
  const { id, type } = parked.first;
  if (request.action === 'skip' && request.eventId !== id) {
    throw new Error(`the failed event of ${accountId} in ${projection} is another one: ${type} ${id}`);
  }
  if (!(await requestParkedAction(pool, request.action, parked))) {
    throw new Error(
      `another operator has requested an action for ${accountId} in ${projection}: run parked again`,
    );
  }
  for (const deadline = Date.now() + waitMs; Date.now() < deadline; await sleep(POLL_MS)) {
    const now = await findParkedAccount(pool, projection, accountId);
    if (now === undefined) return print(`${accountId} is no longer parked in ${projection}`);
    if (now.requestedAction !== null) continue;
    const { error, waiting, first } = now;
    throw new Error(
      `${accountId} stays parked in ${projection} at ${first.type} ${first.id}, queued events: ${waiting}; ${error}`,
    );
  }
  throw new Error(`no worker of ${projection} has handled the request yet: is one running?`);
}

/** @throws an error for the operator if the service has no such projection, and the database has none from another version */
async function expectProjection(pool: Pool, name: string): Promise<void> {
  if (PROJECTIONS.includes(name)) return;
  const { rowCount } = await pool.query('SELECT FROM read_models.projections WHERE name = $1', [name]);
  if (rowCount === 0)
    throw new Error(`there is no projection ${name}. Projections: ${PROJECTIONS.join(', ')}`);
}

/** Finds the account in the live generation. */
async function findParkedAccount(
  pool: Pool,
  projection: string,
  accountId: string,
): Promise<ParkedAccount | undefined> {
  const all = await listParked(pool, projection, accountId);
  if (all.length === 0) return undefined;
  const live = await readLiveGeneration(pool, projection);
  return all.find(({ generation }) => generation === live);
}
