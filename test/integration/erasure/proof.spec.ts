import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Topics } from '#libs/contracts';
import {
  AccountRepository,
  closeEventStore,
  connectEventStore,
  type EventStoreDBClient,
} from '#libs/event-store';
import { createKafka, Producer, type Kafka } from '#libs/kafka';
import { MEMBER_TABLES } from '#libs/member-data';
import { createPool, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { notificationMigrations } from '../../../apps/notification/src/database/schema.js';
import { verifyErasure } from '../../../apps/projector/src/erasure/erase.cli.js';
import { digestOf, type KnownData } from '../../../apps/projector/src/erasure/known-data.js';
import { createTopics } from '../../../apps/standalone/src/servers/provisioning.js';
import { openTestEventStore, type TestEventStore } from '../../support/event-store.js';
import { openTestKafka, type TestKafka } from '../../support/kafka.js';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';
import { sent } from '../../support/story.js';
import { SILENT } from '../support/consumer-harness.js';
import { addressOf, insertsOf } from './rows-of-members.js';

const NAME = 'Name of amal';
const TEXT = 'A "text" by amal, é';
const KNOWN: KnownData = {
  names: [NAME],
  addresses: [addressOf('amal')],
  texts: [TEXT, 'hello by amal', 'reply by amal'],
};

let [store, kafkaServer, postgres] = [] as unknown as [TestEventStore, TestKafka, TestPostgres];
let pool: Pool;
let client: EventStoreDBClient;
let kafka: Kafka;
let producer: Producer;
const topics = new Topics();

beforeAll(async () => {
  [store, kafkaServer, postgres] = await Promise.all([
    openTestEventStore(),
    openTestKafka(),
    openTestPostgres(readModelMigrations, notificationMigrations),
  ]);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  client = connectEventStore({ EVENTSTORE_URL: store.url });
  await createTopics(topics, kafkaServer.brokers.join(','), SILENT);
  kafka = createKafka({ brokers: kafkaServer.brokers.join(','), clientId: 'test' }, SILENT);
  producer = new Producer(kafka);
  await producer.connect();
  for (const insert of insertsOf('bilal', 'chiara', 2)) await pool.query(`INSERT INTO ${insert}`);
  await pool.query(`INSERT INTO read_models.author_keys (author_id, erased_at) VALUES ('amal', now())`);
}, 120_000);
afterAll(async () => {
  await producer?.disconnect();
  await closeEventStore(client);
  await pool.end();
  await Promise.all([store.stop(), kafkaServer.stop(), postgres.stop()]);
});

const verify = (known = KNOWN) =>
  verifyErasure({ pool, client, kafka, topics, groupPrefix: 'test.' }, 'amal', known);

/** @returns what is not clean */
async function findDirt(known = KNOWN) {
  return (await verify(known)).filter(({ state }) => state !== 'clean');
}

const AT = `'2026-01-05T09:00:00Z'`;

/** What a copy of the name looks like in tables that hold no row of a member on purpose. */
const COPIES: Readonly<Record<string, string>> = {
  'read_models.author_keys': `(author_id, wrapping_key, wrapped) VALUES ('dalia', '${NAME}', '\\x0a')`,
  'read_models.parked_accounts': `VALUES ('inbox', 1, 'bilal', 0, 'cannot read ${NAME}')`,
  'read_models.parked_events': `VALUES ('inbox', 1, 'bilal', 1, 1, '{"data":{"message":${JSON.stringify(TEXT)}}}')`,
  'read_models.operator_actions': `(operator, action, why) VALUES ('olga', 'erase amal', 'asked by ${NAME}')`,
  'read_models.removed_members': `VALUES ('${NAME}')`,
  'read_models.last_append': `VALUES (true, '${NAME}', 1, gen_random_uuid(), ${AT})`,
  'read_models.projections': `VALUES ('${NAME}', 1)`,
  'read_models.slices': `(projection, generation, slice) VALUES ('${NAME}', 1, 0)`,
  'read_models.replicas': `VALUES ('${NAME}', 1, 'r', ${AT})`,
  'read_models.profile_places': `VALUES ('${NAME}', 0, 1)`,
  'read_models.profile_sweeps': `VALUES ('${NAME}')`,
  'read_models.topic_partitions': `VALUES ('${NAME}', 1)`,
  'read_models.dead_letters_redriven': `VALUES ('${NAME}', 0, 1, ${AT})`,
  'read_models.restored_log_reports': `VALUES ('command', 'lost ${NAME}', ${AT})`,
  'read_models.migrations': `(version, name, md5, run_at) VALUES (999, '${NAME}', 'm', ${AT})`,
  'notification.profile_offsets': `VALUES ('${NAME}', 0, 1)`,
  'notification.profile_sweeps': `VALUES ('${NAME}')`,
  'notification.migrations': `(version, name, md5, run_at) VALUES (999, '${NAME}', 'm', ${AT})`,
};

/** The statements that leave a copy in a table, and the table that is written. */
function copiesIn(table: string): readonly string[] {
  const own = insertsOf('amal', 'dalia', 1).filter((insert) =>
    insert.replace(/_g1/, '').startsWith(`${table} `),
  );
  return own.length > 0 ? own : [`${table} ${COPIES[table]}`];
}

describe('the proof of an erasure', () => {
  it('is green when nothing is left, and names every place', async () => {
    const reports = await verify();
    expect(reports.filter(({ state }) => state !== 'clean')).toEqual([]);
    expect(reports.map(({ place }) => place)).toEqual([
      "key of the member's texts",
      'event log',
      ...topics.names.toSorted(),
      ...MEMBER_TABLES.map(({ name }) => name),
    ]);
  });

  it.each(MEMBER_TABLES.filter(({ columns }) => columns.length > 0).map(({ name }) => [name]))(
    'is red for a copy in %s',
    async (table) => {
      const tx = await pool.connect();
      const [before] = (
        await tx.query<{ rows: string[] }>(`SELECT array_agg(ctid::text) AS rows FROM ${storedName(table)}`)
      ).rows;
      try {
        if (table === 'read_models.parked_events')
          await tx.query(`INSERT INTO read_models.parked_accounts VALUES ('inbox', 1, 'bilal', 0, 'e')`);
        for (const copy of copiesIn(table)) await tx.query(`INSERT INTO ${copy}`);
        expect(await findDirt()).toEqual([{ place: table, state: 'found', detail: expect.any(String) }]);
      } finally {
        await tx.query(`DELETE FROM ${storedName(table)} WHERE ctid::text <> ALL($1)`, [before!.rows ?? []]);
        await tx.query('DELETE FROM read_models.parked_accounts');
        tx.release();
      }
    },
  );

  it('says that nothing is proved of a topic that cannot be seen', async () => {
    const other = new Topics('other.');
    const reports = await verifyErasure(
      { pool, client, kafka, topics: other, groupPrefix: 'test.' },
      'amal',
      KNOWN,
    );
    const unread = reports.filter(({ state }) => state === 'unread').map(({ place }) => place);
    expect(unread).toEqual(other.names.toSorted());
  });

  it('is red for a text by the member in a row of another one', async () => {
    await pool.query(`UPDATE read_models.sent SET recipient_id = 'amal' WHERE inviter_id = 'bilal'`);
    expect(await findDirt({ names: ['nothing'] })).toEqual([
      { place: 'read_models.sent', state: 'found', detail: "1 of the member's texts" },
    ]);
    await pool.query(`UPDATE read_models.sent SET recipient_id = 'chiara' WHERE inviter_id = 'bilal'`);
  });

  it.each([
    ['as they are', { texts: [TEXT] }],
    ['as digests', { digests: [digestOf(TEXT)] }],
    ['as digests of another spelling', { digests: [digestOf(TEXT.toUpperCase().normalize('NFD'))] }],
  ])('finds texts that are given %s, also where JSON escapes them', async (_, known) => {
    const value = JSON.stringify(JSON.stringify({ message: TEXT })).replace('é', '\\\\u00e9');
    await pool.query(`INSERT INTO notification.dead_letters VALUES ('t', 0, 9, NULL, $1, '{}', 'r', now())`, [
      Buffer.from(JSON.parse(value) as string),
    ]);
    expect(await findDirt(known)).toMatchObject([{ place: 'notification.dead_letters' }]);
    await pool.query(`DELETE FROM notification.dead_letters WHERE topic = 't'`);
  });

  it('finds an address in the suppression lists by its digest', async () => {
    await pool.query(`INSERT INTO notification.unclear_refusals VALUES (sha256('amal@example.test'))`);
    expect(await findDirt({ digests: [digestOf('Amal@Example.test')] })).toMatchObject([
      { place: 'notification.unclear_refusals' },
    ]);
    await pool.query(
      `DELETE FROM notification.unclear_refusals WHERE address_hash = sha256('amal@example.test')`,
    );
  });

  it('is red while the key exists, and without the record of the erasure', async () => {
    await pool.query(
      `UPDATE read_models.author_keys SET erased_at = NULL, wrapped = '\\x0a', wrapping_key = 't1' WHERE author_id = 'amal'`,
    );
    expect(await findDirt()).toEqual([
      {
        place: "key of the member's texts",
        state: 'found',
        detail: 'the key exists, so texts in the log can be read',
      },
    ]);
    await pool.query(`DELETE FROM read_models.author_keys WHERE author_id = 'amal'`);
    expect(await findDirt()).toMatchObject([{ detail: 'no record of the erasure' }]);
    await pool.query(`INSERT INTO read_models.author_keys (author_id, erased_at) VALUES ('amal', now())`);
  });

  // What is left in the log and in topics cannot be removed again, so these cases come last.

  it.each(topics.names.filter((name) => name !== topics.profiles))(
    'says until when a copy stays in the topic %s',
    async (topic) => {
      const alreadyDirty = (await findDirt()).map(({ place }) => place);
      await producer.send([{ topic, key: 'bilal', value: JSON.stringify({ message: TEXT }) }]);
      const report = (await findDirt()).find(({ place }) => place === topic)!;
      expect(alreadyDirty).not.toContain(topic);
      expect(report).toMatchObject({
        state: 'pending',
        detail: expect.stringMatching(/^1 messages, until 2.*Z \(retention\.ms=\d+\)$/),
      });
    },
  );

  it('is red for a profile, until its tombstone is published', async () => {
    const profileReport = async () => (await verify()).find(({ place }) => place === topics.profiles);
    await producer.send([{ topic: topics.profiles, key: 'amal', value: JSON.stringify({ name: NAME }) }]);
    expect(await profileReport()).toMatchObject({ state: 'found' });
    await producer.send([{ topic: topics.profiles, key: 'amal', value: null }]);
    expect(await profileReport()).toMatchObject({
      state: 'pending',
      detail: '1 messages, until the topic is compacted',
    });
  });

  it('is red for a text that is in the log as it was written', async () => {
    await new AccountRepository(client).append('amal', undefined, [sent(1, { message: TEXT })]);
    expect((await verify()).find(({ place }) => place === 'event log')).toMatchObject({
      state: 'found',
      detail: expect.stringMatching(/^1 events, the first is 0@account-.*amal/),
    });
  });
});

const storedName = (table: string): string =>
  MEMBER_TABLES.find(({ name }) => name === table)!.isReadModel === true ? `${table}_g1` : table;
