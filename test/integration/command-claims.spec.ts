import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  claimCommands,
  type CommandContent,
  findClaim,
  findOutcomes,
  renewClaims,
  storeOutcomes,
} from '#libs/command-outcomes';
import { createPool, inTransaction, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { SILENT } from './support/consumer-harness.js';
import { giveOutcomes } from '../support/outcomes.js';
import { openTestPostgres, type TestPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

const LONG = 3_600_000;

let postgres: TestPostgres;
let pool: Pool;

beforeAll(async () => {
  postgres = await openTestPostgres(readModelMigrations);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const content = (change: Partial<CommandContent> = {}): CommandContent => ({
  commandId: randomUUID(),
  accountId: 'amal',
  actorId: 'bilal',
  digest: '0a'.repeat(32),
  ...change,
});
const claim = async (one: CommandContent, holder: string, leaseMs = LONG, ended: string[] = []) =>
  (await claimCommands(pool, [one], { holder, endedHolders: ended, leaseMs })).get(one.commandId)!;
const refusing = ({ commandId, actorId }: CommandContent) => ({ commandId, actorId, refusal: 'TOO_SOON' });
const accepting = ({ commandId, actorId }: CommandContent) => ({ commandId, actorId });
const store = (outcome: ReturnType<typeof accepting>, holder: string) =>
  storeOutcomes(pool, [outcome], new Date().toISOString(), holder);

/** Waits until this number of sessions wait for a lock. */
const untilWaiting = (sessions: number) =>
  until(
    async () => {
      const { rows } = await pool.query<{ n: number }>(
        `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
      );
      return rows[0]!.n === sessions;
    },
    10_000,
    `${sessions} sessions to wait for a lock`,
  );

describe('claimCommands', () => {
  it('gives a command to the first holder for the time of its lease', async () => {
    const one = content();
    const [mine, other] = [randomUUID(), randomUUID()];
    expect(await claim(one, mine)).toMatchObject({ content: one, isMine: true, leaseStarted: true });
    expect(await claim(one, mine)).toMatchObject({ isMine: true, leaseStarted: false });
    const held = await claim(one, other);
    expect(held).toMatchObject({ content: one, outcome: undefined, isMine: false, leaseStarted: false });
    expect(held.leaseRemainingMs).toBeGreaterThan(LONG - 60_000);
    expect(held.leaseRemainingMs).toBeLessThanOrEqual(LONG);
  });

  it('takes over a claim whose lease has expired or whose holder is known to have ended', async () => {
    const [one, two] = [content(), content()];
    const [first, second] = [randomUUID(), randomUUID()];
    await claim(one, first);
    await claim(two, first);
    await until(async () => (await claim(one, second, 5)).isMine, 5_000, 'the lease');
    expect(await claim(one, first, LONG, [randomUUID()])).toMatchObject({ isMine: false });
    expect(await claim(two, second, LONG, [first])).toMatchObject({ isMine: true, leaseStarted: true });
  });

  it.each<[string, Partial<CommandContent>]>([
    ['account', { accountId: 'chiara' }],
    ['actor', { actorId: 'chiara' }],
    ['digest', { digest: '0b'.repeat(32) }],
  ])('never gives an id to another %s, and returns what it stands for (D10)', async (_what, change) => {
    const one = content();
    const [first, second] = [randomUUID(), randomUUID()];
    await claim(one, first);
    const standing = await claim({ ...one, ...change }, second, 0, [first]);
    expect(standing).toMatchObject({ content: one, outcome: undefined, isMine: false });
    await store(accepting(one), first);
    const decided = await claim({ ...one, ...change }, second, 0, [first]);
    expect(decided).toMatchObject({ content: one, outcome: accepting(one), isMine: false });
  });

  it('returns stored outcomes, and claims nothing that a version without claims has decided', async () => {
    const one = content();
    await giveOutcomes(pool, [refusing(one)]);
    const standing = await claim(one, randomUUID());
    expect(standing).toMatchObject({ content: undefined, outcome: refusing(one), isMine: false });
    expect(await findClaim(pool, one.commandId)).toEqual({ content: undefined, outcome: refusing(one) });
  });

  it('gives each id one holder when two batches claim the same ids concurrently in any order (D10)', async () => {
    const all = Array.from({ length: 300 }, () => content());
    const batches = Array.from({ length: 6 }, (_, n) => (n % 2 === 0 ? all : all.toReversed()));
    const standings = await Promise.all(
      batches.map((batch) =>
        claimCommands(pool, batch, { holder: randomUUID(), endedHolders: [], leaseMs: LONG }),
      ),
    );
    for (const { commandId } of all)
      expect(standings.filter((standing) => standing.get(commandId)!.isMine)).toHaveLength(1);
  });

  it('returns an outcome that was stored while it waited for the claim', async () => {
    const one = content();
    const [first, second] = [randomUUID(), randomUUID()];
    await claim(one, first, 0);
    const late = await inTransaction(pool, async (tx) => {
      await storeOutcomes(tx, [refusing(one)], new Date().toISOString(), first);
      const waiting = claim(one, second, 0, [first]);
      await untilWaiting(1);
      return { waiting };
    });
    expect(await late.waiting).toMatchObject({ outcome: refusing(one) });
  });
});

describe('storeOutcomes', () => {
  it('stores the first outcome of a command, and returns the stored one (D10)', async () => {
    const [one, two] = [content(), content()];
    const holder = randomUUID();
    await claimCommands(pool, [one, two], { holder, endedHolders: [], leaseMs: LONG });
    expect(await store(refusing(one), holder)).toEqual(new Map([[one.commandId, refusing(one)]]));
    const stand = await storeOutcomes(
      pool,
      [accepting(one), accepting(two)],
      new Date().toISOString(),
      holder,
    );
    expect(stand).toEqual(
      new Map<string, object>([
        [one.commandId, refusing(one)],
        [two.commandId, accepting(two)],
      ]),
    );
    expect(await findOutcomes(pool, [one.commandId, randomUUID()])).toEqual(
      new Map([[one.commandId, refusing(one)]]),
    );
  });

  it('stores no refusal of a holder whose claim was taken over, and every acceptance', async () => {
    const one = content();
    const [first, second] = [randomUUID(), randomUUID()];
    await claim(one, first);
    await claim(one, second, LONG, [first]);
    expect(await store(refusing(one), first)).toEqual(new Map());
    expect(await store(accepting(one), first)).toEqual(new Map([[one.commandId, accepting(one)]]));
  });

  it('waits with a refusal while the claim is being taken over, and does not store it', async () => {
    const one = content();
    const [first, second] = [randomUUID(), randomUUID()];
    await claim(one, first);
    const { storing } = await inTransaction(pool, async (tx) => {
      await claimCommands(tx, [one], { holder: second, endedHolders: [first], leaseMs: LONG });
      const storing = store(refusing(one), first);
      await untilWaiting(1);
      return { storing };
    });
    expect(await storing).toEqual(new Map());
    expect(await store(refusing(one), second)).toEqual(new Map([[one.commandId, refusing(one)]]));
  });
});

describe('renewClaims', () => {
  it('renews leases unless another holder has one of the claims', async () => {
    const [one, two] = [content(), content()];
    const [first, second] = [randomUUID(), randomUUID()];
    await claimCommands(pool, [one, two], { holder: first, endedHolders: [], leaseMs: LONG });
    const ids = [one.commandId, two.commandId];
    expect(await renewClaims(pool, ids, first)).toBe(true);
    await claim(two, second, LONG, [first]);
    expect(await renewClaims(pool, ids, first)).toBe(false);
    expect(await renewClaims(pool, [one.commandId], first)).toBe(true);
  });
});
