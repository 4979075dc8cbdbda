import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountRepository, decoded, UnknownEvent, type RecordedEvent } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { askFor, listParked, messagesEffect, rowsEffect } from '#libs/projection';
import { ofAccount, ProjectionWorld, type CountRow } from '../integration/support/projection-world.js';
import { sent } from '../support/story.js';
import { until } from '../support/until.js';

let world: ProjectionWorld;

beforeAll(async () => {
  world = await ProjectionWorld.open();
});
afterEach(async () => {
  await world.stopWorkers();
  world.warnings.length = 0;
});
afterAll(() => world.close());

/** Events that an account has in the table; 0 where it has no row. */
async function counted(projection: string, account: string): Promise<number> {
  const { rows } = await world.pool.query<CountRow>(
    `SELECT account, events FROM test.${projection} WHERE account = $1`,
    [account],
  );
  return rows[0]?.events ?? 0;
}

const parkedIn = (projection: string) => listParked(world.pool, projection);

async function ask(wanted: 'retry' | 'skip', projection: string, account: string): Promise<void> {
  const seen = (await parkedIn(projection)).find(({ accountId }) => accountId === account)!;
  expect(await askFor(world.pool, wanted, seen)).toBe(true);
  const isDone = async () => (await parkedIn(projection)).every((one) => one.wanted === null);
  await until(isDone, 30_000, () => `${wanted} of ${account}; ${world.warnings.slice(-2).join('')}`);
}

/** A version that can be taught the event that it does not know. */
function learning() {
  const lesson = { isKnown: false };
  const decode = (recorded: RecordedEvent): InvitationEvent => {
    if (recorded.type !== 'InvitationPraised') return decoded(recorded).event;
    if (!lesson.isKnown) throw new UnknownEvent(`${recorded.revision}@${recorded.streamId}: not known`);
    return ofAccount(sent(9), recorded.accountId);
  };
  return { lesson, decode };
}

describe('an event that cannot be handled', () => {
  it('parks its account: what comes after waits in order, all others go on', async () => {
    const counting = await world.counting('unreadable');
    const { lesson, decode } = learning();
    const worker = world.workFor('unreadable', rowsEffect(counting, decode));
    await world.happen('praised', 1);
    await world.untilThere(counting);
    const before = await counted('unreadable', 'praised-0');
    await world.appendUnknown('praised-0');
    await world.appendMore('praised-0', 3);
    await world.happen('other', 8);
    await world.untilThere(counting);
    // Later ones too, not only those of the batch that failed.
    await world.appendMore('praised-0', 2);
    await world.untilThere(counting);
    expect(await counted('unreadable', 'praised-0')).toBe(before);
    for (let n = 0; n < 8; n += 1) expect(await counted('unreadable', `other-${n}`)).toBeGreaterThan(3);
    expect(await parkedIn('unreadable')).toEqual([
      expect.objectContaining({
        accountId: 'praised-0',
        waiting: 6,
        attempts: 1,
        wanted: null,
        error: expect.stringMatching(/^\d+@account-..-praised-0: not known$/),
        first: expect.objectContaining({ type: 'InvitationPraised' }),
      }),
    ]);
    expect(worker.state()).toEqual({
      ready: true,
      degraded: true,
      detail: 'accounts that wait for an operator: 1',
    });
    expect(await worker.metric('parked_accounts')).toBe(1);

    // Nothing is tried again by itself, nor skipped: not even by another worker.
    await worker.stop();
    const next = world.workFor('unreadable', rowsEffect(counting, decode));
    await until(() => next.state().degraded === true, 30_000, 'degraded again');
    expect(await parkedIn('unreadable')).toHaveLength(1);

    await ask('retry', 'unreadable', 'praised-0');
    expect(await parkedIn('unreadable')).toEqual([expect.objectContaining({ waiting: 6, attempts: 2 })]);
    expect(await counted('unreadable', 'praised-0')).toBe(before);

    lesson.isKnown = true;
    await ask('retry', 'unreadable', 'praised-0');
    expect(await parkedIn('unreadable')).toEqual([]);
    expect(await counted('unreadable', 'praised-0')).toBe(before + 6);
    await until(() => next.state().degraded === undefined, 30_000, 'no longer degraded');
    await world.appendMore('praised-0', 1);
    await world.untilThere(counting);
    expect(await counted('unreadable', 'praised-0')).toBe(before + 7);
  });

  it('is skipped alone, when an operator says so', async () => {
    const counting = await world.counting('skipping');
    const worker = world.work(counting);
    await world.happen('skipped', 1);
    await world.untilThere(counting);
    const before = await counted('skipping', 'skipped-0');
    await world.appendUnknown('skipped-0');
    await world.appendMore('skipped-0', 2);
    await world.appendUnknown('skipped-0');
    await world.appendMore('skipped-0', 1);
    await world.untilThere(counting);
    const seen = (await parkedIn('skipping')).find(({ accountId }) => accountId === 'skipped-0');
    await ask('skip', 'skipping', 'skipped-0');
    // A second operator who looked before that: the event at which it stands now is not the one they have seen.
    expect(await askFor(world.pool, 'skip', seen!)).toBe(false);
    // It stands at the second one now, with the two in between applied.
    expect(await counted('skipping', 'skipped-0')).toBe(before + 2);
    const stands = expect.objectContaining({ waiting: 2, attempts: 2 });
    expect((await parkedIn('skipping')).filter(({ accountId }) => accountId === 'skipped-0')).toEqual([
      stands,
    ]);
    expect(world.warnings.join('')).toMatch(
      /"skipped":"InvitationPraised [0-9a-f-]{36}, \d+@account-..-skipped-0"/,
    );
    await ask('skip', 'skipping', 'skipped-0');
    expect(await counted('skipping', 'skipped-0')).toBe(before + 3);
    expect((await parkedIn('skipping')).map(({ accountId }) => accountId)).not.toContain('skipped-0');
    expect(worker.state().ready).toBe(true);
  });

  it('is not skipped by an operator who asks while a retry that another has asked for is under way', async () => {
    const counting = await world.counting('contended');
    const { lesson, decode } = learning();
    const effect = rowsEffect(counting, decode);
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const gated: typeof effect = {
      ...effect,
      async write(...args) {
        await effect.write(...args);
        if (!lesson.isKnown) return;
        entered.resolve();
        await gate.promise;
      },
    };
    await world.appendUnknown('contended-0');
    world.workFor('contended', gated);
    await world.untilThere(counting);
    const seen = (await parkedIn('contended')).find(({ accountId }) => accountId === 'contended-0')!;
    lesson.isKnown = true;
    expect(await askFor(world.pool, 'retry', seen)).toBe(true);
    // The same once more, from two of them, is one retry.
    expect(await askFor(world.pool, 'retry', seen)).toBe(true);
    await entered.promise;
    expect(await askFor(world.pool, 'skip', seen)).toBe(false);
    gate.resolve();
    const isFree = async () =>
      (await parkedIn('contended')).every(({ accountId }) => accountId !== 'contended-0');
    await until(isFree, 30_000, 'it is free');
    expect(await askFor(world.pool, 'skip', seen)).toBe(false);
    expect(await counted('contended', 'contended-0')).toBe(1);
  });

  it('is one that a fold throws at, and its message tells nothing of a member', async () => {
    const counting = await world.counting('throwing');
    let isBroken = true;
    const broken: typeof counting = {
      ...counting,
      fold(row, event, account) {
        if (isBroken && account === 'thrown-2' && event.type === 'InvitationIgnored')
          throw new TypeError('Dear Bilal');
        return counting.fold(row, event, account);
      },
    };
    world.work(broken);
    await world.happen('thrown', 5);
    await world.untilThere(counting);
    const [parked] = (await parkedIn('throwing')).filter(({ accountId }) => accountId === 'thrown-2');
    expect(parked!.error).toMatch(/^TypeError at parking\.spec\.ts:\d+$/);
    expect(world.warnings.join('')).not.toContain('Dear Bilal');
    const { rows: waiting } = await world.pool.query<{ revision: string }>(
      `SELECT event->>'revision' AS revision FROM read_models.parked_events
       WHERE projection = 'throwing' AND account_id = 'thrown-2' ORDER BY commit_position, prepare_position`,
    );
    // Everything from the one that failed on, and what came before it is in the table.
    expect(waiting[0]!.revision).toBe(String(await counted('throwing', 'thrown-2')));
    expect(waiting.map(({ revision }) => Number(revision))).toEqual(
      waiting.map((_one, n) => Number(waiting[0]!.revision) + n),
    );
    isBroken = false;
    await ask('retry', 'throwing', 'thrown-2');
    const { rows, expected } = await world.rows(counting);
    const readable = (row: CountRow) => row.account.startsWith('thrown');
    expect(rows.filter(readable)).toEqual(expected.filter(readable));
  });

  it('is one whose data PostgreSQL does not take', async () => {
    const counting = await world.counting('constrained');
    await world.pool.query(
      `ALTER TABLE test.constrained_g1 ADD CONSTRAINT few CHECK (account <> 'refused-1' OR events < 3)`,
    );
    world.work(counting);
    await world.happen('refused', 3);
    await world.untilThere(counting);
    const [parked] = (await parkedIn('constrained')).filter(({ accountId }) => accountId === 'refused-1');
    expect(parked!.error).toBe('PostgreSQL 23514 (few)');
    expect(await counted('constrained', 'refused-1')).toBe(2);
    expect(await counted('constrained', 'refused-2')).toBeGreaterThan(3);
    await world.pool.query('ALTER TABLE test.constrained_g1 DROP CONSTRAINT few');
    await ask('retry', 'constrained', 'refused-1');
    expect(await counted('constrained', 'refused-1')).toBe(2 + parked!.waiting);
  });

  it('may hold what jsonb could not', async () => {
    const counting = await world.counting('hostile');
    world.work(counting);
    await world.appendUnknown('hostile-0', { text: 'a\u0000b \ud800' });
    await world.appendBinary('hostile-1', Buffer.from([0, 255, 1]));
    await world.untilThere(counting);
    const accounts = (await parkedIn('hostile')).map(({ accountId }) => accountId);
    expect(accounts).toEqual(expect.arrayContaining(['hostile-0', 'hostile-1']));
  });

  it('keeps nobody from going on where a retry of many events was broken off', async () => {
    const counting = await world.counting('broken_off');
    const { lesson, decode } = learning();
    const effect = rowsEffect(counting, decode);
    let writes = 0;
    const interrupted: typeof effect = {
      ...effect,
      async write(tx, generation, events) {
        await effect.write(tx, generation, events);
        // The second page of the retry, once.
        if (lesson.isKnown && events.length > 100) writes += 1;
        if (writes === 2) {
          writes += 1;
          throw new Error('the database is gone');
        }
      },
    };
    await world.appendUnknown('many-0');
    const repository = new AccountRepository(world.client);
    const many = Array.from({ length: 1_200 }, (_, n) => ofAccount(sent(n + 10), 'many-0'));
    await repository.append('many-0', 0n, many);
    world.workFor('broken_off', interrupted);
    await world.untilThere(counting);
    expect(await counted('broken_off', 'many-0')).toBe(0);
    lesson.isKnown = true;
    await ask('retry', 'broken_off', 'many-0');
    expect(writes).toBeGreaterThan(2);
    expect(world.warnings.join('')).toContain('the database is gone');
    expect(await counted('broken_off', 'many-0')).toBe(1_201);
    expect((await parkedIn('broken_off')).map(({ accountId }) => accountId)).not.toContain('many-0');
  });

  it('is kept apart from messages as well, and their order within an account holds', async () => {
    const { lesson, decode } = learning();
    const out: { account: string; revision: bigint }[] = [];
    const effect = messagesEffect(
      (recorded) => {
        decode(recorded);
        return recorded.accountId.startsWith('message')
          ? { account: recorded.accountId, revision: recorded.revision }
          : undefined;
      },
      async (messages) => {
        out.push(...messages);
      },
    );
    const name = { name: 'messages' };
    const revisions = (account: string) =>
      out.filter((one) => one.account === account).map((one) => one.revision);
    const worker = world.workFor('messages', effect);
    await until(() => worker.state().ready, 30_000, 'subscribed');
    await world.happen('message', 1);
    await world.appendUnknown('message-0');
    await world.appendMore('message-0', 2);
    await world.appendMore('message-1', 2);
    await world.untilThere(name);
    await world.appendMore('message-0', 1);
    await world.appendMore('message-1', 1);
    await world.untilThere(name);
    expect(revisions('message-0')).toEqual([0n, 1n, 2n, 3n]);
    expect(revisions('message-1')).toEqual([0n, 1n, 2n]);
    lesson.isKnown = true;
    await ask('retry', 'messages', 'message-0');
    expect(revisions('message-0')).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]);
  });
});
