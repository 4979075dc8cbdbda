import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AccountRepository,
  connectEventStore,
  decoded,
  dispose,
  readAccountLog,
  type EventStoreDBClient,
} from '#libs/event-store';
import { STORED_TYPES, type InvitationEvent } from '#libs/invitation';
import { sampleHistory, type SampleOptions } from '../../apps/standalone/src/sample-history/history.js';
import { loadHistory } from '../../apps/standalone/src/sample-history/load.js';
import { eventStoreUnderTest } from '../support/event-store.js';
import { sampleLog } from './sample.js';

const HOUR = 60 * 60_000;
/** Starting a process takes its time on a busy machine. */
const PROCESSES_MS = 180_000;
const eventsOf = (options: SampleOptions): InvitationEvent[] =>
  [...sampleLog(options)].map(({ event }) => event);
const digest = (options: SampleOptions) =>
  createHash('sha256')
    .update(JSON.stringify(eventsOf(options)))
    .digest('hex');
const share = <Item>(items: readonly Item[], is: (item: Item) => boolean) =>
  items.filter(is).length / items.length;

// That every stream of it is one that the domain's decisions make is what the what-if spec shows.
describe('the sample history', () => {
  const events = eventsOf({ events: 20_000, seed: 1 });
  const sent = events.filter((event) => event.type === 'InvitationSent');

  it('is the same for the same seed, and another for another', () => {
    const once = digest({ events: 2_000, seed: 1 });
    expect(digest({ events: 2_000, seed: 1 })).toBe(once);
    expect(digest({ events: 2_000, seed: 2 })).not.toBe(once);
  });

  it('has as many events as were asked for, in the order of time, each with an id of its own', () => {
    expect(events).toHaveLength(20_000);
    expect(events.every(({ at }, index) => index === 0 || events[index - 1]!.at <= at)).toBe(true);
    const causes = events.filter(({ type }) => type !== 'AccountRestricted');
    expect(new Set(causes.map(({ commandId }) => commandId)).size).toBe(causes.length);
  });

  it('has something of everything, and of refusals little', () => {
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(STORED_TYPES));
    const declined = events.filter(({ type }) => type === 'InvitationDeclined').length;
    expect(declined / sent.length).toBeLessThan(0.05);
    expect(sent.some(({ supersedes }) => supersedes !== undefined)).toBe(true);
    expect(events.some((event) => event.type === 'ConnectionRecorded' && event.closes !== undefined)).toBe(
      true,
    );
  });

  it('has few who send much, and working days and hours', () => {
    const counts = new Map<string, number>();
    for (const { inviterId } of sent) counts.set(inviterId, (counts.get(inviterId) ?? 0) + 1);
    const most = [...counts.values()].toSorted((one, other) => other - one);
    const tenth = most.slice(0, Math.ceil(most.length / 10)).reduce((sum, count) => sum + count, 0);
    expect(tenth / sent.length).toBeGreaterThan(0.4);
    expect(share(sent, ({ at }) => [0, 6].includes(new Date(at).getUTCDay()))).toBeLessThan(0.2);
    expect(share(sent, ({ at }) => new Date(at).getUTCHours() < 5)).toBeLessThan(0.15);
  });

  it('has answers most of which come soon, some very late, and many after a reminder', () => {
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
  let store: Awaited<ReturnType<typeof eventStoreUnderTest>>;
  let client: EventStoreDBClient;
  const options = { events: 400, seed: 9 };

  beforeAll(async () => {
    store = await eventStoreUnderTest();
    client = connectEventStore(store.url);
  });
  afterAll(async () => {
    await dispose(client);
    await store.stop();
  });

  async function stored(seed: number): Promise<InvitationEvent[]> {
    const found: InvitationEvent[] = [];
    await readAccountLog(client, undefined, 100_000, (event) => {
      if (event.accountId.startsWith(`m${seed}-`)) found.push(decoded(event).event);
    });
    return found;
  }

  const run = async (...args: string[]) => {
    const { NODE_OPTIONS: _options, NODE_ENV: _env, ...env } = process.env;
    const main = join(import.meta.dirname, '../../dist/apps/standalone/src/sample-history.main.js');
    const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', main, ...args], {
      env: { ...env, EVENTSTORE_URL: store.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, ...said };
  };

  it('stands in the log as it was told, and twice is once', async () => {
    const told = eventsOf(options);
    await loadHistory(client, sampleHistory(options), () => undefined);
    await loadHistory(client, sampleHistory(options), () => undefined);
    const byAccount = (events: readonly InvitationEvent[]) =>
      Object.groupBy(events, (event) => ('inviterId' in event ? event.inviterId : event.accountId));
    expect(byAccount(await stored(9))).toEqual(byAccount(told));
  });

  it(
    'adds to invitations that are there only where it is told to',
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
    'goes on behind what the workers of a running service have recorded, and repeats none of it',
    async () => {
      const history = [...sampleHistory({ events: 400, seed: 12 })];
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

  it(
    'says in one line what is wrong',
    async () => {
      expect(await run('--events', 'many')).toMatchObject({
        code: 2,
        err: expect.stringContaining('whole number'),
      });
      const [{ accountId } = { accountId: '' }] = sampleHistory({ events: 90, seed: 11 });
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
