import { randomUUID } from 'node:crypto';
import { logLevel, Kafka, Partitioners, type Admin, type Producer } from 'kafkajs';
import { BatchConsumer, createKafka, type BatchConsumerOptions, type ConsumedMessage } from '#libs/kafka';
import { createLogger, Health } from '#libs/platform';

export const SILENT = createLogger('test', 'silent');

/** A cluster seen through plain kafkajs, and consumers of the service on it, which are stopped at the end. */
export class ConsumerHarness {
  private readonly running = new Set<BatchConsumer>();

  private constructor(
    readonly brokers: string,
    readonly admin: Admin,
    private readonly producer: Producer,
  ) {}

  static async open(brokers: readonly string[]): Promise<ConsumerHarness> {
    const kafka = new Kafka({ clientId: 'test', brokers: [...brokers], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await Promise.all([admin.connect(), producer.connect()]);
    return new ConsumerHarness(brokers.join(','), admin, producer);
  }

  async close(): Promise<void> {
    await Promise.all([...this.running].map((consumer) => consumer.stop()));
    await this.producer.disconnect();
    await this.admin.disconnect();
  }

  async topic(numPartitions = 1): Promise<string> {
    const topic = `test.${randomUUID()}`;
    await this.admin.createTopics({ topics: [{ topic, numPartitions }] });
    return topic;
  }

  /** Sends the values `0` to `count - 1` to a partition, in this order, each with the same key. */
  async send(topic: string, count: number, partition = 0, key?: string): Promise<void> {
    const messages = Array.from({ length: count }, (_, n) => ({ key, value: String(n), partition }));
    await this.producer.send({ topic, messages });
  }

  /** Returns the next offset that the group would read, or -1 before its first commit. */
  async committed(groupId: string, topic: string, partition = 0): Promise<number> {
    const [offsets] = await this.admin.fetchOffsets({ groupId, topics: [topic] });
    const found = offsets!.partitions.find((one) => one.partition === partition);
    return Number(found?.offset ?? -1);
  }

  async memberIds(groupId: string): Promise<string[]> {
    const { groups } = await this.admin.describeGroups([groupId]);
    return groups[0]!.members.map(({ memberId }) => memberId);
  }

  consumer(
    topic: string,
    handle: (messages: readonly ConsumedMessage[]) => Promise<void>,
    options: Partial<BatchConsumerOptions> = {},
  ) {
    const groupId = options.groupId ?? `test.${randomUUID()}`;
    const health = new Health();
    const fatal: string[] = [];
    const consumer = new BatchConsumer(
      createKafka({ brokers: this.brokers, clientId: 'test' }, SILENT),
      {
        sessionTimeoutMs: 6_000,
        onFatal: (reason) => fatal.push(reason),
        ...options,
        topics: [topic],
        groupId,
        handle,
      },
      health,
      SILENT,
    );
    this.running.add(consumer);
    return {
      groupId,
      fatal,
      start: () => consumer.start(),
      stop: async () => {
        this.running.delete(consumer);
        await consumer.stop();
      },
      state: () => health.report().parts[`kafka:${groupId}`]!,
    };
  }
}

export const valuesOf = (messages: readonly ConsumedMessage[]): string[] =>
  messages.map(({ value }) => String(value));
