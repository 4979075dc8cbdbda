import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Message } from 'kafkajs';
import { cloudEventHeaders, TOPICS } from '#libs/contracts';
import { deadLetter, originOf } from '#libs/kafka';
import { collect } from '../chaos/evidence.js';
import { TcpProxy } from '../integration/support/tcp-proxy.js';
import { until } from '../support/until.js';
import { RunningApp } from './support/running-app.js';
import { GROUP, REPLIES, Servers, SESSION_MS } from './support/servers.js';

const PATIENCE_MS = 90_000;

let servers: Servers;
let toStore: TcpProxy;
let toDatabase: TcpProxy;
let app: RunningApp;

const portOf = (url: string) =>
  Number(/:(\d+)/.exec(url.slice(url.indexOf('@') + 1).replace(/^.*?\/\//, ''))![1]);

/** Invitations of as many accounts. */
function sendings(count: number, replyTo = REPLIES): { ids: string[]; messages: Message[] } {
  const ids = Array.from({ length: count }, () => randomUUID());
  const messages = ids.map((id) => {
    const inviterId = `of-${id}`;
    const attributes = { id, type: 'invitations.send.v1', source: '/test', time: new Date().toISOString() };
    const headers = { ...cloudEventHeaders(attributes), 'reply-to': replyTo };
    return { key: inviterId, value: JSON.stringify({ inviterId, recipientId: 'recipient-1' }), headers };
  });
  return { ids, messages };
}

async function memberIds(): Promise<string[]> {
  const { groups } = await servers.admin.describeGroups([GROUP]);
  return groups[0]!.members.map(({ memberId }) => memberId);
}

async function outcomesOf(ids: readonly string[]): Promise<number> {
  const { rows } = await servers.pool.query<{ count: string }>(
    'SELECT count(*) FROM read_models.command_outcomes WHERE command_id = ANY($1::uuid[]) AND refusal IS NULL',
    [ids],
  );
  return Number(rows[0]!.count);
}

const untilDone = (ids: readonly string[]) =>
  until(
    async () => (await outcomesOf(ids)) === ids.length && (await servers.lag()) === 0,
    PATIENCE_MS,
    () => `${ids.length} outcomes; ${app.output.slice(-3_000)}`,
  );

/** Each has one effect, and the one answer, at least once. */
async function expectDoneOnce(ids: readonly string[]): Promise<void> {
  const { eventIds, streams, replies } = await collect(servers);
  expect(new Set(eventIds).size).toBe(eventIds.length);
  for (const id of ids) {
    const events = [...streams].filter(([stream]) => stream.endsWith(`-of-${id}`)).flatMap(([, all]) => all);
    expect([id, events.length, ...new Set(replies.get(id))]).toEqual([id, 1, 'accepted']);
  }
}

beforeAll(async () => {
  servers = await Servers.start();
  toStore = await TcpProxy.to(portOf(servers.env['EVENTSTORE_URL']!));
  toDatabase = await TcpProxy.to(portOf(servers.env['DATABASE_URL']!));
});

afterAll(async () => {
  await toStore.close();
  await toDatabase.close();
  await servers.stop();
});

const throughProxies = () => ({
  ...servers.env,
  EVENTSTORE_URL: `esdb://127.0.0.1:${toStore.port}?tls=false`,
  DATABASE_URL: servers.env['DATABASE_URL']!.replace(
    String(portOf(servers.env['DATABASE_URL']!)),
    String(toDatabase.port),
  ),
});

describe('the command app, when a server fails it', () => {
  beforeAll(async () => {
    app = await RunningApp.start(throughProxies());
    await app.untilReady();
  });

  afterAll(() => app.kill());

  afterEach(() => {
    toStore.open();
    toDatabase.open();
  });

  it.each([
    ['an event store that is down', () => toStore.shut(), 'the event store at EVENTSTORE_URL'],
    ['an event store that falls silent', () => toStore.fallSilent(), 'the event store at EVENTSTORE_URL'],
    ['a database that is down', () => toDatabase.shut(), 'the database at DATABASE_URL'],
  ])(
    'waits for %s: not ready, nothing committed, still a member, and all is done once it is back',
    async (_name, fail, reason) => {
      const members = await memberIds();
      const before = sendings(5);
      await servers.publish(before.messages);
      await untilDone(before.ids);
      fail();
      const { ids, messages } = sendings(20);
      await servers.publish(messages);
      await app.untilUnready(reason);
      const since = Date.now();
      // Longer than a session lasts.
      await until(() => Date.now() - since > 2 * SESSION_MS, PATIENCE_MS, 'time');
      expect(await servers.lag()).toBe(20);
      expect(await memberIds()).toEqual(members);
      toStore.open();
      toDatabase.open();
      await untilDone(ids);
      await app.untilReady();
      expect(await memberIds()).toEqual(members);
      await expectDoneOnce(ids);
    },
    90_000,
  );

  it('waits for a Kafka that is down', async () => {
    await servers.broker.kill();
    // Whichever it notices first: that heartbeats have no answer, or that a fetch has none.
    await app.untilUnready(/no answer from the group's coordinator|begins again after/);
    await servers.broker.startAgain();
    const { ids, messages } = sendings(20);
    await servers.publish(messages);
    await untilDone(ids);
    await app.untilReady();
    expect(app.isRunning).toBe(true);
    await expectDoneOnce(ids);
  });

  it('goes on when a reply topic is deleted under it', async () => {
    const doomed = 'invitations.outcomes.doomed';
    await servers.admin.createTopics({ topics: [{ topic: doomed, numPartitions: 1 }] });
    const first = sendings(1, doomed);
    await servers.publish(first.messages);
    await untilDone(first.ids);
    await servers.admin.deleteTopics({ topics: [doomed] });
    const lost = sendings(5, doomed);
    const heard = sendings(5);
    await servers.publish([...lost.messages, ...heard.messages]);
    await untilDone([...lost.ids, ...heard.ids]);
    // To reply to a topic for the first time is to ask where its partitions are, and that of all the topics so far.
    const another = 'invitations.outcomes.another';
    await servers.admin.createTopics({ topics: [{ topic: another, numPartitions: 1 }] });
    const later = sendings(1, another);
    await servers.publish(later.messages);
    await untilDone(later.ids);
    await app.untilReady();
    await expectDoneOnce(heard.ids);
  });

  it('goes on when a reply topic refuses what it is sent, and says so', async () => {
    const tight = 'invitations.outcomes.tight';
    const configEntries = [{ name: 'max.message.bytes', value: '10' }];
    await servers.admin.createTopics({ topics: [{ topic: tight, numPartitions: 1, configEntries }] });
    const lost: string[] = [];
    // It takes a second to become known.
    const isRefused = async () => {
      const { ids, messages } = sendings(1, tight);
      lost.push(...ids);
      await servers.publish(messages);
      return (await app.details()).includes(`the topic ${tight} does not do its part`);
    };
    await until(isRefused, PATIENCE_MS, 'a refusal', 500);
    const heard = sendings(20);
    await servers.publish(heard.messages);
    await untilDone([...lost, ...heard.ids]);
    await app.untilReady();
    expect(app.output).toContain('no replies for a minute');
    const later = sendings(5, tight);
    await servers.publish(later.messages);
    await untilDone(later.ids);
    await expectDoneOnce(heard.ids);
  });
});

describe('the process of the command app', () => {
  beforeEach(() => {
    toStore.open();
  });
  afterEach(() => app.kill());

  it('finishes what is under way on SIGTERM, commits it and ends with 0', async () => {
    app = await RunningApp.start(servers.env);
    await app.untilReady();
    const { ids, messages } = sendings(3_000);
    await servers.publish(messages);
    await until(async () => (await outcomesOf(ids)) > 0, PATIENCE_MS, 'the first outcome');
    expect(await app.stop()).toBe(0);
    const done = await outcomesOf(ids);
    // What was stored is committed, and it was not all.
    expect(await servers.lag()).toBe(ids.length - done);
    expect(await memberIds()).toEqual([]);
    app = await RunningApp.start(servers.env);
    await untilDone(ids);
    await expectDoneOnce(ids.slice(0, 50));
  });

  it('ends with 1 when the client has given up for good', async () => {
    // Less than the broker grants: an answer that is not retried.
    app = await RunningApp.start({ ...servers.env, KAFKA_SESSION_TIMEOUT: 'PT0.3S' });
    expect(await app.end).toBe(1);
    expect(app.output).toContain('consumer command crashed');
  });

  it('waits for an event store that is down when it starts, and says so', async () => {
    // Those of the tests before it were killed: the broker keeps them until their session ends.
    await until(async () => (await memberIds()).length === 0, PATIENCE_MS, 'an empty group');
    toStore.shut();
    app = await RunningApp.start(throughProxies());
    await app.untilUnready('no command is taken before it does');
    expect(await memberIds()).toEqual([]);
    toStore.open();
    await app.untilReady();
  });

  it('publishes no second dead letter for what its predecessor set aside but did not commit', async () => {
    const [partition] = await servers.admin.fetchTopicOffsets(TOPICS.commands);
    const twice = { value: 'set aside by a predecessor', partition: partition!.partition };
    const once = { value: 'set aside by this one', partition: partition!.partition };
    await servers.publish([twice, once]);
    const message = { topic: TOPICS.commands, partition: partition!.partition, offset: partition!.high };
    const { key, value, headers } = deadLetter(
      {
        ...message,
        key: null,
        value: Buffer.from(twice.value),
        headers: {},
        header: () => undefined,
        timestamp: 0,
      },
      TOPICS.deadLetters,
      'the message is no JSON',
      new Date(),
    );
    await servers.publish([{ key, value, headers: headers! }], TOPICS.deadLetters);
    app = await RunningApp.start(servers.env);
    await until(async () => (await servers.lag()) === 0, PATIENCE_MS, 'all is committed');
    const letters = await servers.read(TOPICS.deadLetters);
    expect(letters.map((letter) => [String(letter.value), originOf(letter)])).toEqual(
      expect.arrayContaining([
        [twice.value, message],
        [once.value, { ...message, offset: String(Number(message.offset) + 1) }],
      ]),
    );
    expect(letters.filter((letter) => String(letter.value) === twice.value)).toHaveLength(1);
    expect(letters.filter((letter) => String(letter.value) === once.value)).toHaveLength(1);
  });
});
