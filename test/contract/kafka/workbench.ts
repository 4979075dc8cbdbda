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
import { type KafkaUnderTest, kafkaUnderTest } from '../../support/kafka.js';
import { Changing } from './changing.js';
import { RawClient } from './raw-client.js';

/** Enough for a cluster that waits 3 s before a group's first rebalance (its default), a few times over. */
export const PATIENT_MS = 90_000;

/** kafkajs waits for its long poll before it leaves a group; the least session timeout of a broker is 6 s. */
export const QUICK = { maxWaitTimeInMs: 100, sessionTimeout: 6_000, heartbeatInterval: 300 };

export type Received = KafkaMessage & { readonly partition: number };

/** What the suites of this directory share: clients, and topics and groups with names of their own, cleaned up after. */
export class Workbench {
  private readonly clients: { disconnect(): Promise<void> }[] = [];
  private readonly topics: string[] = [];
  private readonly groups: string[] = [];

  private constructor(
    private readonly server: KafkaUnderTest,
    readonly kafka: Kafka,
    readonly admin: Admin,
  ) {}

  static async open(): Promise<Workbench> {
    const server = await kafkaUnderTest();
    const kafka = new Kafka({
      clientId: 'contract',
      brokers: server.brokers,
      logLevel: logLevel.NOTHING,
      retry: { retries: 8, initialRetryTime: 50 },
    });
    const admin = kafka.admin();
    await admin.connect();
    return new Workbench(server, kafka, admin);
  }

  get brokers(): string[] {
    return this.server.brokers;
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

  /** A new topic that every broker has heard of, which kafkajs does not wait for. */
  async topic(numPartitions = 1, settings: Record<string, string> = {}): Promise<string> {
    const topic = this.topicName();
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    const creation = { topics: [{ topic, numPartitions, configEntries }], waitForLeaders: false };
    await this.admin.createTopics(creation);
    const { brokers } = await this.admin.describeCluster();
    for (const { host, port } of brokers) {
      const client = await RawClient.connect(`${host}:${port}`);
      await eventually(
        () => leadersOf(topic, client),
        (leaders) => leaders.length === numPartitions && !leaders.includes(-1),
      );
      client.close();
    }
    // A leader is known a moment before it leads: until then it refuses, and kafkajs sends again what others have taken.
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

  /** Everything that a group of one gets from the topic, until it has `count` records; their offsets are committed. */
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

/** The leaders of a topic's partitions as one broker knows them; none while it does not know the topic. */
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

/** Asks again until the answer is right: the nodes of a cluster hear of changes one after the other, without an event. */
export async function eventually<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const answer = await ask();
    if (isRight(answer) || attempt === 100) return answer;
    await delay(50);
  }
}

/** The `type` of the error that kafkajs throws, or of the first one inside it; undefined without an error. */
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
