import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { binaryEvent, jsonEvent } from '@eventstore/db-client';
import {
  AccountRepository,
  decodeEvent,
  streamOf,
  UnknownEventError,
  type RawEvent,
} from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { requestParkedAction, listParked, messageSink, tableSink } from '#libs/projection';
import { ofAccount, ProjectionHarness, type CountRow } from '../support/projection-harness.js';
import { sent } from '../../support/story.js';
import { until } from '../../support/until.js';

let harness: ProjectionHarness;

beforeAll(async () => {
  harness = await ProjectionHarness.open();
});
afterEach(async () => {
  await harness.stopWorkers();
  harness.warnings.length = 0;
});
afterAll(() => harness.close());

/** Number of events that the table has counted for an account; 0 if it has no row. */
async function counted(projection: string, account: string): Promise<number> {
  const { rows } = await harness.pool.query<CountRow>(
    `SELECT account, events FROM test.${projection} WHERE account = $1`,
    [account],
  );
  return rows[0]?.events ?? 0;
}

const parkedIn = (projection: string) => listParked(harness.pool, projection);

async function ask(action: 'retry' | 'skip', projection: string, account: string): Promise<void> {
  const seen = (await parkedIn(projection)).find(({ accountId }) => accountId === account)!;
  expect(await requestParkedAction(harness.pool, action, seen)).toBe(true);
  const isDone = async () => (await parkedIn(projection)).every((one) => one.requestedAction === null);
  await until(isDone, 30_000, () => `${action} of ${account}; ${harness.warnings.slice(-2).join('')}`);
}

/** Decodes like a version that does not know an event until the test releases the fix. */
function learning() {
  const lesson = { isKnown: false };
  const decode = (raw: RawEvent): InvitationEvent => {
    if (raw.type !== 'InvitationPraised') return decodeEvent(raw).event;
    if (!lesson.isKnown) throw new UnknownEventError(`${raw.revision}@${raw.streamId}: not known`);
    return ofAccount(sent(9), raw.accountId);
  };
  return { lesson, decode };
}

describe('parking of accounts', () => {
  it('parks the account of an event that cannot be decoded, queues its later events, and continues with other accounts', async () => {
    const counting = await harness.counting('unreadable');
    const { lesson, decode } = learning();
    const worker = harness.workFor('unreadable', tableSink(counting, decode));
    await harness.happen('praised', 1);
    await harness.untilThere(counting);
    const before = await counted('unreadable', 'praised-0');
    await harness.appendUnknown('praised-0');
    await harness.appendMore('praised-0', 3);
    await harness.happen('other', 8);
    await harness.untilThere(counting);
    // Later batches, too, not only the one that failed.
    await harness.appendMore('praised-0', 2);
    await harness.untilThere(counting);
    expect(await counted('unreadable', 'praised-0')).toBe(before);
    for (let n = 0; n < 8; n += 1) expect(await counted('unreadable', `other-${n}`)).toBeGreaterThan(3);
    expect(await parkedIn('unreadable')).toEqual([
      expect.objectContaining({
        accountId: 'praised-0',
        waiting: 6,
        attempts: 1,
        requestedAction: null,
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

    // Nothing is retried or skipped without a request, not even by another worker.
    await worker.stop();
    const next = harness.workFor('unreadable', tableSink(counting, decode));
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
    await harness.appendMore('praised-0', 1);
    await harness.untilThere(counting);
    expect(await counted('unreadable', 'praised-0')).toBe(before + 7);
  });

  it('skips only the failed event at the request of an operator', async () => {
    const counting = await harness.counting('skipping');
    const worker = harness.work(counting);
    await harness.happen('skipped', 1);
    await harness.untilThere(counting);
    const before = await counted('skipping', 'skipped-0');
    await harness.appendUnknown('skipped-0');
    await harness.appendMore('skipped-0', 2);
    await harness.appendUnknown('skipped-0');
    await harness.appendMore('skipped-0', 1);
    await harness.untilThere(counting);
    const seen = (await parkedIn('skipping')).find(({ accountId }) => accountId === 'skipped-0');
    await ask('skip', 'skipping', 'skipped-0');
    // A second operator listed the account before the skip: the failed event is now one that they have not seen.
    expect(await requestParkedAction(harness.pool, 'skip', seen!)).toBe(false);
    // The second unknown event is the failed one now; the two events in between are applied.
    expect(await counted('skipping', 'skipped-0')).toBe(before + 2);
    const parkedAtSecond = expect.objectContaining({ waiting: 2, attempts: 2 });
    expect((await parkedIn('skipping')).filter(({ accountId }) => accountId === 'skipped-0')).toEqual([
      parkedAtSecond,
    ]);
    expect(harness.warnings.join('')).toMatch(
      /"skipped":"InvitationPraised [0-9a-f-]{36}, \d+@account-..-skipped-0"/,
    );
    await ask('skip', 'skipping', 'skipped-0');
    expect(await counted('skipping', 'skipped-0')).toBe(before + 3);
    expect((await parkedIn('skipping')).map(({ accountId }) => accountId)).not.toContain('skipped-0');
    expect(worker.state().ready).toBe(true);
  });

  it('rejects a skip while a retry that another operator requested is running', async () => {
    const counting = await harness.counting('contended');
    const { lesson, decode } = learning();
    const effect = tableSink(counting, decode);
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
    await harness.appendUnknown('contended-0');
    harness.workFor('contended', gated);
    await harness.untilThere(counting);
    const seen = (await parkedIn('contended')).find(({ accountId }) => accountId === 'contended-0')!;
    lesson.isKnown = true;
    expect(await requestParkedAction(harness.pool, 'retry', seen)).toBe(true);
    // The same request by two operators is one retry.
    expect(await requestParkedAction(harness.pool, 'retry', seen)).toBe(true);
    await entered.promise;
    expect(await requestParkedAction(harness.pool, 'skip', seen)).toBe(false);
    gate.resolve();
    const isFree = async () =>
      (await parkedIn('contended')).every(({ accountId }) => accountId !== 'contended-0');
    await until(isFree, 30_000, 'the account is unparked');
    expect(await requestParkedAction(harness.pool, 'skip', seen)).toBe(false);
    expect(await counted('contended', 'contended-0')).toBe(1);
  });

  it('parks the account of an event whose fold throws, without a text of a member in the error', async () => {
    const counting = await harness.counting('throwing');
    let isBroken = true;
    const broken: typeof counting = {
      ...counting,
      fold(row, event, account) {
        if (isBroken && account === 'thrown-2' && event.type === 'InvitationIgnored')
          throw new TypeError('Dear Bilal');
        return counting.fold(row, event, account);
      },
    };
    harness.work(broken);
    await harness.happen('thrown', 5);
    await harness.untilThere(counting);
    const [parked] = (await parkedIn('throwing')).filter(({ accountId }) => accountId === 'thrown-2');
    expect(parked!.error).toMatch(/^TypeError at parking\.spec\.ts:\d+$/);
    expect(harness.warnings.join('')).not.toContain('Dear Bilal');
    const { rows: waiting } = await harness.pool.query<{ revision: string }>(
      `SELECT event->>'revision' AS revision FROM read_models.parked_events
       WHERE projection = 'throwing' AND account_id = 'thrown-2' ORDER BY commit_position, prepare_position`,
    );
    // The queue starts with the failed event; earlier events are in the table.
    expect(waiting[0]!.revision).toBe(String(await counted('throwing', 'thrown-2')));
    expect(waiting.map(({ revision }) => Number(revision))).toEqual(
      waiting.map((_one, n) => Number(waiting[0]!.revision) + n),
    );
    isBroken = false;
    await ask('retry', 'throwing', 'thrown-2');
    const { rows, expected } = await harness.rows(counting);
    const readable = (row: CountRow) => row.account.startsWith('thrown');
    expect(rows.filter(readable)).toEqual(expected.filter(readable));
  });

  it('parks the account of an event whose row PostgreSQL rejects', async () => {
    const counting = await harness.counting('constrained');
    await harness.pool.query(
      `ALTER TABLE test.constrained_g1 ADD CONSTRAINT few CHECK (account <> 'refused-1' OR events < 3)`,
    );
    harness.work(counting);
    await harness.happen('refused', 3);
    await harness.untilThere(counting);
    const [parked] = (await parkedIn('constrained')).filter(({ accountId }) => accountId === 'refused-1');
    expect(parked!.error).toBe('PostgreSQL 23514 (few)');
    expect(await counted('constrained', 'refused-1')).toBe(2);
    expect(await counted('constrained', 'refused-2')).toBeGreaterThan(3);
    await harness.pool.query('ALTER TABLE test.constrained_g1 DROP CONSTRAINT few');
    await ask('retry', 'constrained', 'refused-1');
    expect(await counted('constrained', 'refused-1')).toBe(2 + parked!.waiting);
  });

  it('stores parked events that jsonb could not represent', async () => {
    const counting = await harness.counting('hostile');
    harness.work(counting);
    await harness.appendUnknown('hostile-0', { text: 'a\u0000b \ud800' });
    await harness.appendBinary('hostile-1', Buffer.from([0, 255, 1]));
    await harness.untilThere(counting);
    const accounts = (await parkedIn('hostile')).map(({ accountId }) => accountId);
    expect(accounts).toEqual(expect.arrayContaining(['hostile-0', 'hostile-1']));
  });

  it('continues an interrupted retry of many events', async () => {
    const counting = await harness.counting('broken_off');
    const { lesson, decode } = learning();
    const effect = tableSink(counting, decode);
    let writes = 0;
    const interrupted: typeof effect = {
      ...effect,
      async write(tx, generation, events) {
        await effect.write(tx, generation, events);
        // Fails once, at the second page of the retry.
        if (lesson.isKnown && events.length > 100) writes += 1;
        if (writes === 2) {
          writes += 1;
          throw new Error('the database is gone');
        }
      },
    };
    await harness.appendUnknown('many-0');
    const repository = new AccountRepository(harness.client);
    const many = Array.from({ length: 1_200 }, (_, n) => ofAccount(sent(n + 10), 'many-0'));
    await repository.append('many-0', 0n, many);
    harness.workFor('broken_off', interrupted);
    await harness.untilThere(counting);
    expect(await counted('broken_off', 'many-0')).toBe(0);
    lesson.isKnown = true;
    await ask('retry', 'broken_off', 'many-0');
    expect(writes).toBeGreaterThan(2);
    expect(harness.warnings.join('')).toContain('the database is gone');
    expect(await counted('broken_off', 'many-0')).toBe(1_201);
    expect((await parkedIn('broken_off')).map(({ accountId }) => accountId)).not.toContain('many-0');
  });

  const metadata = { commandId: randomUUID(), schemaVersion: 1 };
  const FOREIGN = [
    jsonEvent({ type: 'Invitation\u0000\u001b[2J', data: { text: '\u0000' }, metadata }),
    jsonEvent({ type: 'InvitationSent', data: null as never, metadata }),
    jsonEvent({ type: 'InvitationSent', data: { at: 'yesterday' }, metadata }),
    binaryEvent({ type: 'InvitationSent', data: Buffer.from([0xff, 0]), metadata: Buffer.from([0xff, 0]) }),
    jsonEvent({
      type: 'InvitationSent',
      data: {},
      metadata: { commandId: 'x', schemaVersion: { toString: 1 } },
    }),
  ];

  it('parks only the accounts of events that a foreign program has stored', async () => {
    const counting = await harness.counting('foreign');
    const out: string[] = [];
    harness.work(counting);
    harness.workFor(
      'foreign_messages',
      messageSink(
        (raw) => decodeEvent(raw).id,
        async (ids) => void out.push(...ids),
      ),
    );
    for (const [n, event] of FOREIGN.entries())
      await harness.client.appendToStream(streamOf(`foreign-${n}`), event);
    // Not the stream of a member: its account could not even be parked.
    await harness.client.appendToStream('account-00-a\u0000b', FOREIGN[0]!);
    await harness.happen('beside', 8);
    await harness.untilThere(counting);
    await harness.untilThere({ name: 'foreign_messages' });
    for (let n = 0; n < 8; n += 1) expect(await counted('foreign', `beside-${n}`)).toBeGreaterThan(0);
    expect(out.length).toBeGreaterThan(8);
    const expected = FOREIGN.map((_event, n) => `foreign-${n}`);
    for (const projection of ['foreign', 'foreign_messages']) {
      const parked = await parkedIn(projection);
      expect(
        parked
          .map(({ accountId }) => accountId)
          .filter((account) => account.startsWith('foreign-'))
          .toSorted(),
      ).toEqual(expected);
      for (const { error } of parked) expect(error).toMatch(/^\d+@account-[ -~]+$/);
    }
  });

  it('parks accounts of a projection of messages as well, and keeps the order of messages within an account', async () => {
    const { lesson, decode } = learning();
    const out: { account: string; revision: bigint }[] = [];
    const effect = messageSink(
      (raw) => {
        decode(raw);
        return raw.accountId.startsWith('message')
          ? { account: raw.accountId, revision: raw.revision }
          : undefined;
      },
      async (messages) => {
        out.push(...messages);
      },
    );
    const name = { name: 'messages' };
    const revisions = (account: string) =>
      out.filter((one) => one.account === account).map((one) => one.revision);
    const worker = harness.workFor('messages', effect);
    await until(() => worker.state().ready, 30_000, 'subscribed');
    await harness.happen('message', 1);
    await harness.appendUnknown('message-0');
    await harness.appendMore('message-0', 2);
    await harness.appendMore('message-1', 2);
    await harness.untilThere(name);
    await harness.appendMore('message-0', 1);
    await harness.appendMore('message-1', 1);
    await harness.untilThere(name);
    expect(revisions('message-0')).toEqual([0n, 1n, 2n, 3n]);
    expect(revisions('message-1')).toEqual([0n, 1n, 2n]);
    lesson.isKnown = true;
    await ask('retry', 'messages', 'message-0');
    expect(revisions('message-0')).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]);
  });
});
