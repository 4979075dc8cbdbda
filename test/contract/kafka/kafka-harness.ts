import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Admin,
  type Consumer,
  type ConsumerConfig,
  Kafka,
  type KafkaMessage,
  logLevel,
  Partitioners,
  type Producer,
  type ProducerConfig,
} from 'kafkajs';
import { type TestKafka, openTestKafka } from '../../support/kafka.js';
import { accessFrom, type KafkaAccess, kafkajsOptions } from './access.js';
import { Changing } from './changing.js';
import { RawClient } from './raw-client.js';

/** Several times the 3 s that a cluster waits before a group's first rebalance by default. */
export const PATIENT_MS = 90_000;

/** kafkajs waits for its long poll before it leaves a group. A broker accepts session timeouts from 6 s on. */
export const QUICK = { maxWaitTimeInMs: 100, sessionTimeout: 6_000, heartbeatInterval: 300 };

export type Received = KafkaMessage & { readonly partition: number };

/** Clients, topics and groups for the suites of this directory. All are deleted at the end. */
export class KafkaHarness {
  private readonly clients: { disconnect(): Promise<void> }[] = [];
  private readonly topics: string[] = [];
  private readonly groups: string[] = [];

  private constructor(
    private readonly server: TestKafka,
    readonly access: KafkaAccess,
    readonly kafka: Kafka,
    readonly admin: Admin,
  ) {}

  static async open(): Promise<KafkaHarness> {
    const server = await openTestKafka();
    const access = accessFrom(process.env);
    const kafka = new Kafka({
      ...kafkajsOptions(access),
      clientId: 'contract',
      brokers: server.brokers,
      logLevel: logLevel.NOTHING,
      retry: { retries: 8, initialRetryTime: 50 },
    });
    const admin = kafka.admin();
    await admin.connect();
    return new KafkaHarness(server, access, kafka, admin);
  }

  get brokers(): string[] {
    return this.server.brokers;
  }

  /** Connects a raw client to the broker that leads partition 0 of a topic. */
  async rawClientToLeaderOf(topic: string): Promise<RawClient> {
    return RawClient.toLeaderOf(topic, this.admin, this.access);
  }

  /** Connects a raw client to the broker that coordinates a group. */
  async rawClientToCoordinatorOf(groupId: string): Promise<RawClient> {
    return RawClient.toCoordinatorOf(groupId, this.admin, this.access);
  }

  async close(): Promise<void> {
    for (const client of this.clients) await client.disconnect();
    const groups = new Set((await this.admin.listGroups()).groups.map(({ groupId }) => groupId));
    await this.admin.deleteGroups(this.groups.filter((group) => groups.has(group)));
    const topics = new Set(await this.admin.listTopics());
    await this.admin.deleteTopics({ topics: this.topics.filter((topic) => topics.has(topic)) });
    await this.admin.disconnect();
    await this.server.stop();
  }

  topicName(): string {
    const name = `contract.${randomUUID()}`;
    this.topics.push(name);
    return name;
  }

  groupId(): string {
    const id = `contract.${randomUUID()}`;
    this.groups.push(id);
    return id;
  }

  /** Creates a topic, and waits until every broker knows it, which kafkajs does not do. */
  async topic(numPartitions = 1, settings: Record<string, string> = {}): Promise<string> {
    const topic = this.topicName();
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    const creation = { topics: [{ topic, numPartitions, configEntries }], waitForLeaders: false };
    await this.admin.createTopics(creation);
    const { brokers } = await this.admin.describeCluster();
    for (const { host, port } of brokers) {
      const client = await RawClient.connect(`${host}:${port}`, this.access);
      await eventually(
        () => leadersOf(topic, client),
        (leaders) => leaders.length === numPartitions && !leaders.includes(-1),
      );
      client.close();
    }
    // Metadata names a leader shortly before it leads. Until then it rejects requests, and kafkajs would repeat batches
    // that other brokers have accepted.
    await eventually(
      () => this.admin.fetchTopicOffsets(topic).catch(() => []),
      (offsets) => offsets.length === numPartitions,
    );
    return topic;
  }

  async producer(config: ProducerConfig = {}): Promise<Producer> {
    const producer = this.kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      ...config,
    });
    this.clients.push(producer);
    await producer.connect();
    return producer;
  }

  async consumer(config: Partial<ConsumerConfig> = {}): Promise<Consumer> {
    const consumer = this.kafka.consumer({ groupId: this.groupId(), ...QUICK, ...config });
    this.clients.push(consumer);
    await consumer.connect();
    return consumer;
  }

  /** Consumes the topic as a group of one member until it has `count` records, and commits their offsets. */
  async consume(topic: string, count: number, groupId = this.groupId()): Promise<Received[]> {
    const received: Received[] = [];
    const progress = new Changing();
    const consumer = await this.consumer({ groupId });
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ partition, message }) => {
        received.push({ partition, ...message });
        progress.changed();
        return Promise.resolve();
      },
    });
    await progress.until(
      () => received.length >= count,
      () => `${count} records, ${received.length} came`,
    );
    await consumer.disconnect();
    return received;
  }
}

/** Returns the leaders of a topic's partitions as one broker knows them, or none if it does not know the topic. */
async function leadersOf(topic: string, client: RawClient): Promise<number[]> {
  const answer = await client.ask(3, 1, (request) => request.array([topic], (name) => request.string(name)));
  answer.array(() => [answer.int32(), answer.string(), answer.int32(), answer.nullableString()]);
  answer.int32();
  const [leaders] = answer.array(() => {
    answer.int16();
    answer.string();
    answer.boolean();
    return answer.array(() => {
      const leader = [answer.int16(), answer.int32(), answer.int32()][2]!;
      for (let lists = 0; lists < 2; lists++) answer.array(() => answer.int32());
      return leader;
    });
  });
  return leaders!;
}

/** Repeats a request until the response is right, because the nodes of a cluster learn of changes one after another. */
export async function eventually<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const answer = await ask();
    if (isRight(answer) || attempt === 600) return answer;
    await delay(50);
  }
}

/**
 * Returns the `type` of the error that kafkajs throws, or of the first error inside it, or undefined without an error.
 */
export async function refusal(attempt: Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    const { errors, cause } = error as { errors?: unknown[]; cause?: unknown };
    const { type } = (errors?.[0] ?? cause ?? error) as { type?: string };
    return type || String(error);
  }
}
