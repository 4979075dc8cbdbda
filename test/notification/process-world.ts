import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { PARTITIONS, TOPICS } from '../../libs/contracts/src/index.js';
import { startKafka } from '../../libs/dev-servers/src/kafka/start.js';
import { createKafka, ensureTopics, Producer, type Incoming } from '../../libs/kafka/src/index.js';
import { createLogger, type Pool } from '../../libs/platform/src/index.js';
import { until } from '../support/until.js';
import { AppProcess } from './app-process.js';
import { ledgerUnderTest } from './notification-under-test.js';
import { SmtpStub } from './smtp-stub.js';

const logger = createLogger('test', 'silent');
const GROUP = 'notification';
const LISTENED_TO = [TOPICS.profiles, TOPICS.sent, TOPICS.accepted, TOPICS.replied, TOPICS.reminderDue];

/**
 * A killed member's partitions stand still for this long: short, or the tests would do little else. Not so short that a
 * busy machine is enough for it.
 */
const SESSION_MS = 3_000;

/** A broker, a database with the app's tables and an SMTP server, for the app as a process. */
export class ProcessWorld {
  private constructor(
    private readonly dataDir: string,
    private readonly broker: Awaited<ReturnType<typeof startKafka>>,
    private readonly ledger: Awaited<ReturnType<typeof ledgerUnderTest>>,
    readonly admin: Admin,
    private readonly producer: Producer,
    readonly smtp: SmtpStub,
  ) {}

  static async start(): Promise<ProcessWorld> {
    const dataDir = await mkdtemp(join(tmpdir(), 'mail-proof-'));
    const smtp = new SmtpStub();
    const [broker, ledger] = await Promise.all([
      startKafka({ dataDir, groupMinSessionTimeoutMs: SESSION_MS }),
      ledgerUnderTest(),
      smtp.start(),
    ]);
    const { brokers } = broker.addresses;
    const kafka = createKafka({ brokers, clientId: 'test' }, logger);
    await ensureTopics(
      kafka,
      LISTENED_TO.map((topic) => ({ topic, numPartitions: PARTITIONS })),
    );
    const producer = new Producer(kafka);
    await producer.connect();
    const admin = new Kafka({ clientId: 'test', brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    return new ProcessWorld(dataDir, broker, ledger, admin, producer, smtp);
  }

  get pool(): Pool {
    return this.ledger.pool;
  }

  async stop(): Promise<void> {
    await Promise.all([this.admin.disconnect(), this.producer.disconnect()]);
    await Promise.all([this.broker.stop(), this.ledger.stop(), this.smtp.stop()]);
    await rm(this.dataDir, { recursive: true });
  }

  app(env: Readonly<Record<string, string>> = {}): AppProcess {
    return new AppProcess({
      KAFKA_BROKERS: this.broker.addresses.brokers,
      KAFKA_GROUP: GROUP,
      KAFKA_SESSION_TIMEOUT: `PT${SESSION_MS / 1_000}S`,
      DATABASE_URL: this.ledger.url,
      SMTP_URL: this.smtp.url,
      ...env,
    });
  }

  async publish(messages: readonly Incoming[]): Promise<void> {
    await this.producer.send(
      messages.map(({ topic, key, value, headers }) => ({
        topic,
        key,
        value,
        headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
      })),
    );
  }

  /** Messages that the group has not committed. */
  async lag(): Promise<number> {
    const committed = await this.admin.fetchOffsets({ groupId: GROUP, topics: [...LISTENED_TO] });
    let lag = 0;
    for (const { topic, partitions } of committed) {
      for (const { partition, high } of await this.admin.fetchTopicOffsets(topic)) {
        const offset = Number(partitions.find((one) => one.partition === partition)?.offset ?? -1);
        lag += Number(high) - Math.max(0, offset);
      }
    }
    return lag;
  }

  /** Who is in the group; somebody who was thrown out and came back has another id. */
  async members(): Promise<string[]> {
    const { groups } = await this.admin.describeGroups([GROUP]);
    return groups[0]!.members.map(({ memberId }) => memberId);
  }

  /** Back to the beginning with every topic, once the dead are out of the group: without offsets that is where it starts. */
  async resetOffsets(): Promise<void> {
    await until(async () => (await this.members()).length === 0, 30_000, 'an empty group');
    await this.admin.deleteGroups([GROUP]).catch((error: unknown) => {
      // The first time there is none.
      if (!/GROUP_ID_NOT_FOUND/.test(JSON.stringify(error))) throw error;
    });
    for (const { partitions } of await this.admin.fetchOffsets({
      groupId: GROUP,
      topics: [...LISTENED_TO],
    })) {
      for (const { offset } of partitions)
        if (offset !== '-1') throw new Error('the group has offsets still');
    }
  }
}
