import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners, type Admin, type Message, type Producer } from 'kafkajs';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createKafka } from '#libs/kafka';
import { createPool, Health, inTransaction, type Pool } from '#libs/platform';
import {
  findMemberFacts,
  MemberDirectory,
  MemberSweeper,
  ProfileMetrics,
  saveMembers,
  SHARED_PROFILE_TABLES,
  type Sweep,
  sweepMembers,
  type SweepSettings,
} from '#libs/profiles';
import { readModelMigrations } from '#libs/read-models';
import { openTestKafka, type TestKafka } from '../support/kafka.js';
import { openTestPostgres, type TestPostgres } from '../support/postgres.js';
import { profile } from '../support/publisher.js';
import { until } from '../support/until.js';
import { SILENT } from './support/consumer-harness.js';

let server: TestKafka;
let postgres: TestPostgres;
let pool: Pool;
let client: Kafka;
let admin: Admin;
let producer: Producer;
let topic: string;

beforeAll(async () => {
  [server, postgres] = await Promise.all([openTestKafka(), openTestPostgres(readModelMigrations)]);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  client = new Kafka({ clientId: 'test', brokers: [...server.brokers], logLevel: logLevel.NOTHING });
  admin = client.admin();
  producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
});
beforeEach(async () => {
  await pool.query('TRUNCATE read_models.members, read_models.profile_places, read_models.profile_sweeps');
  topic = `test.${randomUUID()}`;
  await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
});
afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect(), pool.end()]);
  await Promise.all([server.stop(), postgres.stop()]);
});

const kafka = () => createKafka({ brokers: server.brokers.join(), clientId: 'test' }, SILENT);
const publish = (partition: number, ...messages: Message[]) =>
  producer.send({ topic, messages: messages.map((message) => ({ ...message, partition })) });
const present = (id: string): Message => ({ key: id, value: JSON.stringify(profile(id)) });
const gone = (id: string): Message => ({ key: id, value: null });

/** Simulates compaction: the records before the offset are gone. */
async function trim(partition: number, offset: number): Promise<void> {
  await admin.fetchTopicOffsets(topic); // kafkajs looks for the leader before it has asked who that is
  await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
}

/** Stores the profiles as the app does, with an applied offset for each partition. */
async function applied(ids: readonly string[], next: Readonly<Record<number, number>> = {}): Promise<void> {
  await saveMembers(pool, new Map(ids.map((id) => [id, profile(id)])));
  for (const [partition, offset] of Object.entries(next)) {
    await pool.query('INSERT INTO read_models.profile_places VALUES ($1, $2, $3)', [
      topic,
      partition,
      offset,
    ]);
  }
}

async function members(): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM read_models.members ORDER BY id');
  return rows.map(({ id }) => id);
}

const many = (count: number, prefix: string) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

describe('sweepMembers', () => {
  const sweep = (settings: Partial<SweepSettings> = {}): Promise<Sweep> =>
    sweepMembers(kafka(), pool, {
      tables: SHARED_PROFILE_TABLES,
      topic,
      groupPrefix: 'test.sweep',
      ...settings,
    });

  it('removes a member whose tombstone was compacted away before it was read, and no other member', async () => {
    await publish(0, present('bilal'), gone('bilal'), present('amal'));
    await publish(1, present('chiara'));
    await trim(0, 2);
    await applied(['amal', 'bilal', 'chiara'], { 0: 1, 1: 1 });
    expect(await sweep()).toEqual({ outcome: 'swept', kept: 2, missing: 1, removed: 1 });
    expect(await members()).toEqual(['amal', 'chiara']);
    const { removed } = await findMemberFacts(pool, [], ['amal', 'bilal', 'chiara']);
    expect(removed).toEqual(new Set(['bilal']));
    expect(await sweep()).toEqual({ outcome: 'swept', kept: 2, missing: 0, removed: 0 });
  });

  it('keeps a member whose last message cannot be read', async () => {
    await publish(0, present('amal'), { key: 'bilal', value: 'no JSON' });
    await applied(['amal', 'bilal']);
    expect(await sweep()).toMatchObject({ kept: 2, missing: 0 });
  });

  it('keeps thousands of members', async () => {
    const ids = many(2_500, 'm');
    await publish(0, ...ids.slice(0, 1_200).map(present));
    await publish(1, ...ids.slice(1_200).map(present));
    await applied([...ids, 'left']);
    expect(await sweep()).toMatchObject({ outcome: 'swept', kept: 2_500, removed: 1 });
  });

  it('keeps a member to whom a newer profile was applied meanwhile', async () => {
    await publish(0, present('amal'));
    await applied(['amal', 'bilal'], { 0: 1 });
    const other = await pool.connect();
    await other.query('BEGIN; SELECT FROM read_models.profile_places FOR UPDATE');
    const sweeping = sweep();
    const waits = async () =>
      (
        await pool.query(
          "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
        )
      ).rowCount !== 0;
    await until(waits, 30_000, 'the sweep waits for the one who applies a profile');
    await saveMembers(other, new Map([['bilal', profile('bilal')]]));
    await other.query('COMMIT');
    other.release();
    expect(await sweeping).toEqual({ outcome: 'swept', kept: 1, missing: 1, removed: 0 });
    expect(await members()).toEqual(['amal', 'bilal']);
  });

  it('removes no member when the topic cannot be read to its end', async () => {
    await applied(['amal']);
    await expect(sweep({ topic: 'test.missing' })).rejects.toThrow('does not host this topic-partition');
    await publish(0, present('bilal'));
    await expect(sweep({ signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect(await members()).toEqual(['amal']);
    const { rowCount } = await pool.query('SELECT FROM read_models.profile_sweeps');
    expect(rowCount).toBe(0);
    // Its lock was released, too.
    expect(await sweep({ force: true })).toMatchObject({ outcome: 'swept', removed: 1 });
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['is empty', () => applied(['amal', 'bilal']), 'holds none of the members'],
    [
      'holds other members only',
      async () => {
        await publish(0, present('chiara'));
        await applied(['amal', 'bilal']);
      },
      'holds none of the members',
    ],
    [
      'was created again, and is being filled',
      async () => {
        await publish(0, present('amal'));
        await applied(['amal', 'bilal'], { 0: 7 });
      },
      'it was created again',
    ],
    [
      'lacks many of the members',
      async () => {
        const ids = many(50, 'm');
        await publish(0, ...ids.slice(21).map(present));
        await applied(ids);
      },
      'lacks too many of the members',
    ],
  ])(
    'refuses to remove anybody where the topic %s, unless an operator says so',
    async (_what, given, reason) => {
      await given();
      const before = await members();
      const refused = await sweep();
      expect(refused).toMatchObject({
        outcome: 'refused',
        removed: 0,
        reason: expect.stringContaining(reason),
      });
      expect(await members()).toEqual(before);
      expect(await sweep({ isDryRun: true, force: true })).toMatchObject({
        outcome: 'would sweep',
        removed: 0,
      });
      expect(await members()).toEqual(before);
      expect(await sweep({ force: true })).toMatchObject({ outcome: 'swept', removed: refused.missing });
    },
  );

  it('runs in one replica at a time', async () => {
    await publish(0, present('amal'));
    await applied(['amal', 'bilal']);
    const lock = await pool.connect();
    await lock.query('BEGIN; LOCK TABLE read_models.members IN EXCLUSIVE MODE');
    let ended = 0;
    const sweeps = Array.from({ length: 3 }, () => sweep().finally(() => (ended += 1)));
    await until(() => ended === 2, 30_000, 'an end of two sweeps while the third waits for the table');
    await lock.query('ROLLBACK');
    lock.release();
    const all = await Promise.all(sweeps);
    expect(all.filter(({ outcome }) => outcome === 'busy')).toHaveLength(2);
    expect(all.filter(({ removed }) => removed === 1)).toHaveLength(1);
  });

  it('is not ended by the time limit of idle transactions while it reads the topic', async () => {
    await publish(0, present('amal'));
    await applied(['amal', 'bilal']);
    const impatient = createPool({ url: postgres.url, app: 'test', idleInTransactionTimeoutMs: 1 }, SILENT);
    try {
      const settings = { tables: SHARED_PROFILE_TABLES, topic, groupPrefix: 'test.sweep' };
      expect(await sweepMembers(kafka(), impatient, settings)).toMatchObject({
        outcome: 'swept',
        removed: 1,
      });
    } finally {
      await impatient.end();
    }
  });
});

describe('MemberSweeper', () => {
  const running: MemberSweeper[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((sweeper) => sweeper.stop()));
  });

  const groupId = () => `${topic}.group`;

  async function start(intervalMs = 86_400_000) {
    const health = new Health();
    const settings = {
      tables: SHARED_PROFILE_TABLES,
      topic,
      groupId: groupId(),
      intervalMs,
      command: 'sweep',
    };
    const metrics = new ProfileMetrics(new Registry());
    const sweeper = new MemberSweeper(settings, kafka(), pool, metrics, health, SILENT);
    running.push(sweeper);
    await sweeper.start();
    return health;
  }

  /** Stores offsets like the app. `setOffsets` of kafkajs waits for five seconds each time. */
  async function commit(next: Readonly<Record<number, number>>): Promise<void> {
    const consumer = client.consumer({ groupId: groupId(), maxWaitTimeInMs: 50 });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await consumer.connect();
    await consumer.subscribe({ topic });
    await consumer.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
    await joined;
    await consumer.commitOffsets(
      Object.entries(next).map(([partition, offset]) => ({
        topic,
        partition: Number(partition),
        offset: String(offset),
      })),
    );
    await consumer.disconnect();
  }

  async function finishedAt(): Promise<string | null> {
    const { rows } = await pool.query<{ at: string | null }>(
      'SELECT finished_at AS at FROM read_models.profile_sweeps',
    );
    return rows[0]?.at ?? null;
  }
  const untilFinished = () => until(async () => (await finishedAt()) !== null, 30_000, 'a sweep');

  it('sweeps at the first start, and not at the next', async () => {
    await publish(0, present('amal'));
    await applied(['amal', 'bilal'], { 0: 1 });
    await commit({ 0: 1 });
    await start();
    await until(async () => (await members()).join() === 'amal', 30_000, 'a sweep');
    const first = await finishedAt();
    await applied(['bilal']);
    await start();
    await running.at(-1)!.stop();
    expect(await finishedAt()).toBe(first);
    expect(await members()).toEqual(['amal', 'bilal']);
  });

  it("sweeps again after the group's offsets were reset or the stored offsets were deleted", async () => {
    await publish(0, present('amal'));
    await applied(['amal', 'bilal'], { 0: 1 });
    await pool.query('INSERT INTO read_models.profile_sweeps VALUES ($1, now())', [topic]);
    await commit({ 0: 0 });
    await start();
    await until(async () => (await members()).join() === 'amal', 30_000, 'a sweep');

    await commit({ 0: 1 });
    await applied(['bilal']);
    await pool.query('DELETE FROM read_models.profile_places');
    await start();
    await until(async () => (await members()).join() === 'amal', 30_000, 'a sweep');
  });

  it('sweeps again after retention deleted messages that the group had not read', async () => {
    await publish(0, present('bilal'), gone('bilal'), present('amal'));
    await trim(0, 2);
    await applied(['amal', 'bilal'], { 0: 1 });
    await pool.query('INSERT INTO read_models.profile_sweeps VALUES ($1, now())', [topic]);
    await commit({ 0: 1 });
    await start();
    await until(async () => (await members()).join() === 'amal', 30_000, 'a sweep');
  });

  it('sweeps once per interval', async () => {
    await publish(0, present('amal'));
    await applied(['amal', 'bilal'], { 0: 1 });
    await commit({ 0: 1 });
    await pool.query("INSERT INTO read_models.profile_sweeps VALUES ($1, now() - interval '2 hours')", [
      topic,
    ]);
    await start(3 * 3_600_000);
    await running.at(-1)!.stop();
    expect(await members()).toEqual(['amal', 'bilal']);
    await start(3_600_000);
    await until(async () => (await members()).join() === 'amal', 30_000, 'a sweep');
  });

  it('degrades its health and stays ready when it refuses to remove members', async () => {
    await applied(['amal', 'bilal']);
    const health = await start();
    await untilFinished();
    await until(() => health.report().parts['members-sweep']?.degraded === true, 10_000, 'a degraded part');
    expect(health.report().ready).toBe(true);
    expect(await members()).toEqual(['amal', 'bilal']);
  });

  it('keeps members that the directory applies at the same time', async () => {
    const metrics = new ProfileMetrics(new Registry());
    const directory = new MemberDirectory(
      SHARED_PROFILE_TABLES,
      saveMembers,
      () => Promise.resolve(new Map()),
      metrics,
      SILENT,
    );
    const ids = many(300, 'm');
    await publish(0, ...ids.map(present));
    await applied(ids.slice(0, 150));
    await start();
    for (const [offset, id] of ids.entries()) {
      const update = {
        ...profile(id),
        key: Buffer.from(id),
        value: Buffer.from(JSON.stringify(profile(id))),
      };
      const message = {
        ...update,
        topic,
        partition: 0,
        offset: String(offset),
        timestamp: 0,
        headers: {},
        header: () => undefined,
      };
      await inTransaction(pool, (tx) => directory.apply(tx, [directory.read(message)]));
    }
    await untilFinished();
    expect(await members()).toHaveLength(300);
  });
});
