import { setTimeout as sleep } from 'node:timers/promises';
import {
  AssignerProtocol,
  Kafka,
  logLevel,
  Partitioners,
  type Admin,
  type Message,
  type Producer,
} from 'kafkajs';
import { createTopics } from '#libs/kafka';

/** Messages in one produce request of a backlog. */
const BATCH = 2_000;

/** Rare enough to cost the broker nothing, and frequent enough for runs of seconds. */
const POLL_MS = 20;

/** The bench's own Kafka client: it fills topics, and measures the progress of a group. */
export class Broker {
  private constructor(
    private readonly admin: Admin,
    private readonly producer: Producer,
  ) {}

  static async connect(brokers: string): Promise<Broker> {
    const kafka = new Kafka({ clientId: 'bench', brokers: [brokers], logLevel: logLevel.NOTHING });
    const broker = new Broker(
      kafka.admin(),
      kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner }),
    );
    await broker.admin.connect();
    await broker.producer.connect();
    return broker;
  }

  async createTopics(topics: readonly string[], numPartitions: number): Promise<void> {
    const creations = topics.map((topic) => ({ topic, numPartitions, replicationFactor: 1 }));
    await createTopics(this.admin, creations);
  }

  /** Publishes messages in order, one request at a time, so that a large backlog is never in memory. */
  async publish<T>(topic: string, items: Iterable<T>, message: (item: T) => Message): Promise<void> {
    let messages: Message[] = [];
    for (const item of items) {
      messages.push(message(item));
      if (messages.length < BATCH) continue;
      await this.producer.send({ topic, messages });
      messages = [];
    }
    if (messages.length > 0) await this.producer.send({ topic, messages });
  }

  /** Returns the number of messages in a topic. */
  async written(topic: string): Promise<number> {
    return sum((await this.admin.fetchTopicOffsets(topic)).map(({ high }) => Number(high)));
  }

  /** Returns the number of messages of a topic that a group has committed. */
  async committed(groupId: string, topic: string): Promise<number> {
    const [offsets] = await this.admin.fetchOffsets({ groupId, topics: [topic] });
    return sum(offsets!.partitions.map(({ offset }) => Math.max(0, Number(offset))));
  }

  /**
   * Waits until a group has committed a number of messages of a topic, and returns the number that it has committed.
   */
  async untilCommitted(
    groupId: string,
    topic: string,
    count: number,
    tell: (committed: number) => void = () => undefined,
  ): Promise<number> {
    for (;;) {
      const committed = await this.committed(groupId, topic);
      if (committed >= count) return committed;
      tell(committed);
      await sleep(POLL_MS);
    }
  }

  /** Waits until a group has a number of members, each with the same number of partitions of all topics. */
  async untilShared(groupId: string, members: number, partitions: number): Promise<void> {
    for (;;) {
      const { groups } = await this.admin.describeGroups([groupId]);
      const { state, members: found } = groups[0]!;
      const shares = found.map(({ memberAssignment }) => partitionsIn(memberAssignment));
      if (state === 'Stable' && shares.length === members && shares.every((share) => share === partitions))
        return;
      await sleep(POLL_MS);
    }
  }

  async disconnect(): Promise<void> {
    await Promise.all([this.admin.disconnect(), this.producer.disconnect()]);
  }
}

const partitionsIn = (assignment: Buffer): number =>
  Object.values(AssignerProtocol.MemberAssignment.decode(assignment)?.assignment ?? {}).flat().length;

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
