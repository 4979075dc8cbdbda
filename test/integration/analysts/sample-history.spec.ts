import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthorTextOpener, parseWrappingKeys } from '#libs/author-keys';
import {
  AccountRepository,
  connectEventStore,
  decodeEvent,
  closeEventStore,
  readAccountLog,
  type EventStoreDBClient,
  type RawEvent,
} from '#libs/event-store';
import { createPool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { STORED_TYPES, type InvitationEvent } from '#libs/invitation';
import {
  generateHistory,
  type SampleOptions,
} from '../../../apps/standalone/src/sample-history/sample-history.js';
import { rejectRecentEvents, loadHistory } from '../../../apps/standalone/src/sample-history/load-history.js';
import { openTestEventStore } from '../../support/event-store.js';
import { openTestPostgres } from '../../support/postgres.js';
import { runTool } from '../../support/run-tool.js';
import { SILENT } from '../support/consumer-harness.js';
import { sampleLog } from './sample.js';

const HOUR = 60 * 60_000;
/** Starting a process is slow on a busy machine. */
const PROCESSES_MS = 180_000;
const eventsOf = (options: SampleOptions): InvitationEvent[] =>
  [...sampleLog(options)].map(({ event }) => event);
const digest = (options: SampleOptions) =>
  createHash('sha256')
    .update(JSON.stringify(eventsOf(options)))
    .digest('hex');
const share = <Item>(items: readonly Item[], is: (item: Item) => boolean) =>
  items.filter(is).length / items.length;

// The what-if spec shows that the domain's decisions produce every stream of it.
/** Invitations do not expire by default (D22), and the invented members close no accounts (D23) and restore no invitations (D20). */
const NOT_INVENTED = new Set<string>([
  'InvitationExpired',
  'InvitationRestored',
  'AccountClosed',
  'InvitationClosed',
  'ConnectionEnded',
]);

describe('generateHistory', () => {
  const events = eventsOf({ events: 20_000, seed: 1 });
  const sent = events.filter((event) => event.type === 'InvitationSent');

  it('returns the same history for the same seed, and another one for another seed', () => {
    const once = digest({ events: 2_000, seed: 1 });
    expect(digest({ events: 2_000, seed: 1 })).toBe(once);
    expect(digest({ events: 2_000, seed: 2 })).not.toBe(once);
  });

  it('returns the requested number of events in the order of time, each with a command id of its own', () => {
    expect(events).toHaveLength(20_000);
    expect(events.every(({ at }, index) => index === 0 || events[index - 1]!.at <= at)).toBe(true);
    const causes = events.filter(({ type }) => type !== 'AccountRestricted');
    expect(new Set(causes.map(({ commandId }) => commandId)).size).toBe(causes.length);
  });

  it('returns only events that are too old to be mailed, or rejectRecentEvents throws (D21)', () => {
    const history = () => generateHistory({ events: 2_000, seed: 1 });
    expect([...rejectRecentEvents(history(), new Date())]).toEqual([...history()]);
    const now = new Date('2025-04-01T00:00:00Z');
    const passed: string[] = [];
    const pass = () => {
      for (const { events: some } of rejectRecentEvents(history(), now))
        passed.push(...some.map(({ at }) => at));
    };
    expect(pass).toThrow('fewer --events');
    expect(passed.length).toBeGreaterThan(0);
    expect(passed.filter((at) => at > '2025-03-02T00:00:00Z')).toEqual([]);
  });

  it('returns every type of event, and few declines', () => {
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(STORED_TYPES.filter((type) => !NOT_INVENTED.has(type))),
    );
    const declined = events.filter(({ type }) => type === 'InvitationDeclined').length;
    expect(declined / sent.length).toBeLessThan(0.05);
    expect(sent.some(({ supersedes }) => supersedes !== undefined)).toBe(true);
    expect(events.some((event) => event.type === 'ConnectionRecorded' && event.closes !== undefined)).toBe(
      true,
    );
  });

  it('returns few members who send many invitations, and most of them on working days and in working hours', () => {
    const counts = new Map<string, number>();
    for (const { inviterId } of sent) counts.set(inviterId, (counts.get(inviterId) ?? 0) + 1);
    const most = [...counts.values()].toSorted((one, other) => other - one);
    const tenth = most.slice(0, Math.ceil(most.length / 10)).reduce((sum, count) => sum + count, 0);
    expect(tenth / sent.length).toBeGreaterThan(0.4);
    expect(share(sent, ({ at }) => [0, 6].includes(new Date(at).getUTCDay()))).toBeLessThan(0.2);
    expect(share(sent, ({ at }) => new Date(at).getUTCHours() < 5)).toBeLessThan(0.15);
  });

  it('returns answers that mostly arrive soon, some very late, and many after a reminder', () => {
    const sentAt = new Map(sent.map(({ invitationId, at }) => [invitationId, Date.parse(at)]));
    const hours = events
      .filter((event) => event.type === 'InvitationAccepted')
      .map(({ invitationId, at }) => (Date.parse(at) - sentAt.get(invitationId)!) / HOUR)
      .toSorted((one, other) => one - other);
    const percentile = (of: number) => hours[Math.floor(hours.length * of)]!;
    expect(percentile(0.5)).toBeLessThan(72);
    expect(percentile(0.95)).toBeGreaterThan(200);
    const soonAfterReminder = hours.filter((hour) => hour % 168 < 24 && hour > 168 && hour < 4 * 168);
    const later = hours.filter(
      (hour) => hour % 168 >= 96 && hour % 168 < 120 && hour > 168 && hour < 4 * 168,
    );
    expect(soonAfterReminder.length).toBeGreaterThan(3 * later.length);
  });
});

describe('npm run sample-history', () => {
  let store: Awaited<ReturnType<typeof openTestEventStore>>;
  let client: EventStoreDBClient;
  const options = { events: 400, seed: 9 };

  beforeAll(async () => {
    store = await openTestEventStore();
    client = connectEventStore(store.url);
  });
  afterAll(async () => {
    await closeEventStore(client);
    await store.stop();
  });

  async function stored(seed: number): Promise<InvitationEvent[]> {
    const found: InvitationEvent[] = [];
    await readAccountLog(client, undefined, 100_000, (event) => {
      if (event.accountId.startsWith(`m${seed}-`)) found.push(decodeEvent(event).event);
    });
    return found;
  }

  const run = (...args: string[]) =>
    runTool('standalone/src/sample-history.main.js', args, { env: { EVENTSTORE_URL: store.url } });

  it('encrypts the texts when the service has keys, and changes nothing when it is repeated', async () => {
    const postgres = await openTestPostgres(readModelMigrations);
    const pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
    try {
      const TEXT_KEYS = `t1:${randomBytes(32).toString('base64url')}`;
      const args = ['--events', '200', '--seed', '14', '--add'];
      const load = (more: Record<string, string>) =>
        runTool('standalone/src/sample-history.main.js', args, {
          env: { EVENTSTORE_URL: store.url, TEXT_KEYS, ...more },
        });
      expect(await load({})).toMatchObject({ code: 1, err: expect.stringContaining('DATABASE_URL') });
      for (let n = 0; n < 2; n += 1) expect((await load({ DATABASE_URL: postgres.url })).code).toBe(0);
      const raws: RawEvent[] = [];
      await readAccountLog(client, undefined, 100_000, (event) => {
        if (event.accountId.startsWith('m14-')) raws.push(event);
      });
      const told = eventsOf({ events: 200, seed: 14 });
      const textsOf = (events: readonly InvitationEvent[]) =>
        events
          .flatMap((event) => ('message' in event && event.message != null ? [event.message] : []))
          .toSorted();
      expect(textsOf(told).length).toBeGreaterThan(10);
      const logged = JSON.stringify(raws.map(({ data }) => data));
      expect(textsOf(told).filter((text) => logged.includes(JSON.stringify(text)))).toEqual([]);
      const opened = await new AuthorTextOpener(parseWrappingKeys(TEXT_KEYS)).open(pool, raws);
      expect(opened).toHaveLength(200);
      expect(textsOf(opened.map((raw) => decodeEvent(raw).event))).toEqual(textsOf(told));
    } finally {
      await pool.end();
      await postgres.stop();
    }
  });

  it('stores the generated events, and stores them once when it is repeated', async () => {
    const told = eventsOf(options);
    await loadHistory(client, generateHistory(options), () => undefined);
    await loadHistory(client, generateHistory(options), () => undefined);
    const byAccount = (events: readonly InvitationEvent[]) =>
      Object.groupBy(events, (event) => ('inviterId' in event ? event.inviterId : event.accountId));
    expect(byAccount(await stored(9))).toEqual(byAccount(told));
  });

  it(
    'adds to existing invitations only with --add',
    async () => {
      const refused = await run('--events', '50', '--seed', '10');
      expect(refused).toEqual({
        code: 1,
        out: '',
        err: expect.stringMatching(/holds invitations.*--add.*\n$/),
      });
      expect(await stored(10)).toEqual([]);
      const added = await run('--events', '50', '--seed', '10', '--add', '--json');
      expect({ code: added.code, ...(JSON.parse(added.out) as object) }).toMatchObject({
        code: 0,
        events: 50,
        seed: 10,
      });
      expect(await stored(10)).toHaveLength(50);
    },
    PROCESSES_MS,
  );

  it(
    'continues after events that the workers of a running service have recorded, and repeats none',
    async () => {
      const history = [...generateHistory({ events: 400, seed: 12 })];
      const early = history.find(
        ({ accountId, events }, n) =>
          events[0]!.type === 'ConnectionRecorded' &&
          history.slice(n + 1).some((later) => later.accountId === accountId),
      )!;
      await new AccountRepository(client).append(early.accountId, undefined, early.events);
      const added = await run('--events', '400', '--seed', '12', '--add', '--json');
      expect(added).toMatchObject({ code: 0 });
      const commands = (await stored(12)).map(({ commandId }) => commandId);
      const made = history.flatMap(({ events }) => events.map(({ commandId }) => commandId));
      expect(commands.toSorted()).toEqual(made.toSorted());
    },
    PROCESSES_MS,
  );

  it('repeats no event of a worker that is ahead of the history', async () => {
    const history = [...generateHistory({ events: 400, seed: 13 })];
    const ahead = history.find(
      ({ accountId, events }, n) =>
        events[0]!.type === 'ConnectionRecorded' &&
        history.slice(0, n).some((earlier) => earlier.accountId === accountId),
    )!;
    await new AccountRepository(client).append(ahead.accountId, undefined, ahead.events);
    await loadHistory(client, history, () => undefined);
    const commands = (await stored(13)).map(({ commandId }) => commandId);
    const made = history.flatMap(({ events }) => events.map(({ commandId }) => commandId));
    expect(commands.toSorted()).toEqual(made.toSorted());
  });

  it(
    'prints one line for a wrong option or a taken account',
    async () => {
      expect(await run('--events', 'many')).toMatchObject({
        code: 2,
        err: expect.stringContaining('whole number'),
      });
      const [{ accountId } = { accountId: '' }] = generateHistory({ events: 90, seed: 11 });
      const taken = { type: 'AccountRestricted', accountId, at: '2026-01-05T09:00:00.000Z' } as const;
      await new AccountRepository(client).append(accountId, undefined, [
        { ...taken, commandId: randomUUID() },
      ]);
      const other = await run('--events', '90', '--seed', '11', '--add');
      expect(other).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^sample-history: .*another --seed\n$/),
      });
      expect(await run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('--seed') });
    },
    PROCESSES_MS,
  );
});
