import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, Partitioners, type Admin, type Message, type Producer } from 'kafkajs';
import { PARTITIONS, TOPICS } from '#libs/contracts';
import { closeEventStore, connectEventStore, type EventStoreDBClient } from '#libs/event-store';
import { createKafka, ensureTopics, readTopicToEnd, type ConsumedMessage } from '#libs/kafka';
import { createLogger, createPool, type Pool } from '#libs/platform';
import { saveMembers } from '#libs/profiles';
import { readModelMigrations } from '#libs/read-models';
import { DevBroker } from '../../../support/dev-broker.js';
import { openEmptyEventStore } from '../../../support/event-store.js';
import { openTestPostgres } from '../../../support/postgres.js';

export const SILENT = createLogger('test', 'silent');
export const GROUP = 'command';
export const REPLIES = 'invitations.outcomes.test';
/** Members who take invitations. */
export const RECIPIENTS = Array.from({ length: 40 }, (_, n) => `recipient-${n}`);
export const addressOf = (member: string): string => `${member}@network.example`;

/** The time until a killed member's partitions are reassigned. Short, because many tests wait for it. */
export const SESSION_MS = 1_000;

const SETTINGS = { groupMinSessionTimeoutMs: SESSION_MS };

/** Servers for a command app, and clients to observe them. */
export class Servers {
  private constructor(
    /** The environment of a command app. */
    readonly env: Readonly<Record<string, string>>,
    readonly kafka: Kafka,
    readonly admin: Admin,
    private readonly producer: Producer,
    readonly pool: Pool,
    readonly client: EventStoreDBClient,
    readonly broker: DevBroker,
    private readonly remove: () => Promise<void>,
  ) {}

  /** @param options whether a test kills the broker, which then is a process of its own */
  static async start({ killsBroker = false } = {}): Promise<Servers> {
    const dir = await mkdtemp(join(tmpdir(), 'invitations-chaos-'));
    const [eventStore, broker, postgres] = await Promise.all([
      openEmptyEventStore(),
      killsBroker
        ? DevBroker.start({ dataDir: join(dir, 'kafka'), ...SETTINGS })
        : DevBroker.startShared(SETTINGS),
      openTestPostgres(readModelMigrations),
    ]);
    const remove = async () => {
      await Promise.all([eventStore.stop(), broker.stop(), postgres.stop()]);
      await rm(dir, { recursive: true, force: true });
    };
    const { brokers } = broker;
    const kafka = new Kafka({ clientId: 'chaos', brokers: [brokers], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    const pool = createPool({ url: postgres.url, app: 'chaos' }, SILENT);
    const client = connectEventStore(eventStore.url);
    const env = {
      KAFKA_BROKERS: brokers,
      EVENTSTORE_URL: eventStore.url,
      DATABASE_URL: postgres.url,
      COMMAND_GROUP: GROUP,
      KAFKA_SESSION_TIMEOUT: `PT${SESSION_MS / 1_000}S`,
      INVITATION_LIMIT: '60',
      RESTRICT_AFTER_DECLINES: '3',
    };
    await Promise.all([admin.connect(), producer.connect()]);
    const topics = [TOPICS.commands, TOPICS.deadLetters, REPLIES];
    await ensureTopics(
      createKafka({ brokers, clientId: 'chaos' }, SILENT),
      topics.map((topic) => ({ topic, numPartitions: PARTITIONS })),
    );
    await saveMembers(pool, new Map(RECIPIENTS.map((id) => [id, member(id)])));
    return new Servers(env, kafka, admin, producer, pool, client, broker, remove);
  }

  async publish(messages: readonly Message[], topic: string = TOPICS.commands): Promise<void> {
    await this.producer.send({ topic, messages: [...messages] });
  }

  /** Returns all messages of a topic. */
  async read(topic: string): Promise<ConsumedMessage[]> {
    const messages: ConsumedMessage[] = [];
    const kafka = createKafka({ brokers: this.broker.brokers, clientId: 'test' }, SILENT);
    await readTopicToEnd(kafka, topic, { groupPrefix: 'test' }, (message) => void messages.push(message));
    return messages;
  }

  /** The first uncommitted offset of each partition of the topic of commands. */
  async committed(): Promise<ReadonlyMap<number, bigint>> {
    const [offsets] = await this.admin.fetchOffsets({ groupId: GROUP, topics: [TOPICS.commands] });
    return new Map(
      offsets!.partitions.map(({ partition, offset }) => [partition, BigInt(Math.max(0, Number(offset)))]),
    );
  }

  /** Returns the number of published commands that are not committed. */
  async lag(): Promise<number> {
    const committed = await this.committed();
    const ends = await this.admin.fetchTopicOffsets(TOPICS.commands);
    return ends.reduce(
      (sum, { partition, high }) => sum + Number(BigInt(high) - (committed.get(partition) ?? 0n)),
      0,
    );
  }

  async stop(): Promise<void> {
    await Promise.all([this.admin.disconnect(), this.producer.disconnect(), closeEventStore(this.client)]);
    await this.pool.end();
    await this.remove();
  }
}

const member = (id: string) => ({
  id,
  name: id,
  headline: '',
  profileUrl: `https://network.example/in/${id}`,
  email: addressOf(id),
  takesInvitations: true,
});
