import { Kafka, logLevel, type Admin } from 'kafkajs';
import { PARTITIONS, TOPICS } from '#libs/contracts';
import { createKafka, ensureTopics, Producer, type ConsumedMessage } from '#libs/kafka';
import { createLogger, type Pool } from '#libs/platform';
import { AppProcess } from '../../support/app-process.js';
import { DevBroker } from '../../support/dev-broker.js';
import { until } from '../../support/until.js';
import { APP_ENV, startLedger, type Ledger } from './notification-harness.js';
import { SmtpStub } from './smtp-stub.js';

const logger = createLogger('test', 'silent');
const GROUP = 'notification';

/** The topics that the app consumes. */
export const CONSUMED_TOPICS = [
  TOPICS.profiles,
  TOPICS.sent,
  TOPICS.accepted,
  TOPICS.replied,
  TOPICS.reminderDue,
];

/**
 * The partitions of a killed process are reassigned after this time. It is short because tests wait for it, and long
 * enough that a process on a busy machine stays in its group.
 */
const SESSION_MS = 3_000;

/** A broker, a database with the app's tables and an SMTP stub, for the app as a process. */
export class ProcessHarness {
  private constructor(
    private readonly broker: DevBroker,
    private readonly ledger: Ledger,
    readonly admin: Admin,
    private readonly producer: Producer,
    readonly smtp: SmtpStub,
  ) {}

  static async start(): Promise<ProcessHarness> {
    const smtp = new SmtpStub();
    const [broker, ledger] = await Promise.all([
      DevBroker.startShared({ groupMinSessionTimeoutMs: SESSION_MS }),
      startLedger(),
      smtp.start(),
    ]);
    const { brokers } = broker;
    const kafka = createKafka({ brokers, clientId: 'test' }, logger);
    await ensureTopics(
      kafka,
      CONSUMED_TOPICS.map((topic) => ({ topic, numPartitions: PARTITIONS })),
    );
    const producer = new Producer(kafka);
    await producer.connect();
    const admin = new Kafka({ clientId: 'test', brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    return new ProcessHarness(broker, ledger, admin, producer, smtp);
  }

  get pool(): Pool {
    return this.ledger.pool;
  }

  async stop(): Promise<void> {
    await Promise.all([this.admin.disconnect(), this.producer.disconnect()]);
    await Promise.all([this.broker.stop(), this.ledger.stop(), this.smtp.stop()]);
  }

  startApp(env: Readonly<Record<string, string>> = {}): AppProcess {
    return new AppProcess('notification', {
      ...APP_ENV,
      LOG_LEVEL: 'warn',
      KAFKA_BROKERS: this.broker.brokers,
      KAFKA_GROUP: GROUP,
      KAFKA_SESSION_TIMEOUT: `PT${SESSION_MS / 1_000}S`,
      DATABASE_URL: this.ledger.url,
      SMTP_URL: this.smtp.url,
      ...env,
    });
  }

  publish(messages: readonly ConsumedMessage[]): Promise<void> {
    return publishTo(this.producer, messages);
  }

  /** Messages that the group has not committed. */
  async lag(): Promise<number> {
    const committed = await this.admin.fetchOffsets({ groupId: GROUP, topics: [...CONSUMED_TOPICS] });
    let lag = 0;
    for (const { topic, partitions } of committed) {
      for (const { partition, high } of await this.admin.fetchTopicOffsets(topic)) {
        const offset = Number(partitions.find((one) => one.partition === partition)?.offset ?? -1);
        lag += Number(high) - Math.max(0, offset);
      }
    }
    return lag;
  }

  /** Ids of the group's members. A member that was removed and has joined again has another id. */
  async groupMembers(): Promise<string[]> {
    const { groups } = await this.admin.describeGroups([GROUP]);
    return groups[0]!.members.map(({ memberId }) => memberId);
  }

  /** Deletes the group's offsets, once it has no members: the app then consumes every topic from its beginning. */
  async resetOffsets(): Promise<void> {
    await until(async () => (await this.groupMembers()).length === 0, 30_000, 'an empty group');
    await this.admin.deleteGroups([GROUP]).catch((error: unknown) => {
      // The group does not exist before the first start of the app.
      if (!/GROUP_ID_NOT_FOUND/.test(JSON.stringify(error))) throw error;
    });
    for (const { partitions } of await this.admin.fetchOffsets({
      groupId: GROUP,
      topics: [...CONSUMED_TOPICS],
    })) {
      for (const { offset } of partitions) {
        if (offset !== '-1') throw new Error('the group still has offsets');
      }
    }
  }
}

/** Publishes messages as their services do. */
export async function publishTo(producer: Producer, messages: readonly ConsumedMessage[]): Promise<void> {
  await producer.send(
    messages.map(({ topic, key, value, headers }) => ({
      topic,
      key,
      value,
      headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
    })),
  );
}
