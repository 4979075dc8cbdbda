import type { Admin, ITopicConfig, Kafka } from 'kafkajs';

/** Creates the topics that do not exist yet. Existing topics keep their configuration. */
export async function ensureTopics(kafka: Kafka, topics: ITopicConfig[]): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: true });
  });
}

/** Opens a connection for the call. */
export const listTopics = (kafka: Kafka): Promise<string[]> =>
  withAdmin(kafka, (admin) => admin.listTopics());

/** @throws when the topic does not exist */
export async function countPartitions(kafka: Kafka, topic: string): Promise<number> {
  return withAdmin(kafka, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]!.partitions.length;
  });
}

async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export interface PartitionOffsets {
  /** The first offset that the partition still has. */
  readonly low: bigint;
  /** The high watermark: the offset after the last message. */
  readonly high: bigint;
}

/** Reads the offsets of one topic from the brokers. Connects at the first call and stays connected. */
export class TopicOffsets {
  private admin: Admin | undefined;

  constructor(
    private readonly kafka: Kafka,
    readonly topic: string,
  ) {}

  /** The current offsets by partition. @throws when no broker answers or the topic does not exist */
  read(): Promise<ReadonlyMap<number, PartitionOffsets>> {
    return this.query(async (admin) => {
      const offsets = await admin.fetchTopicOffsets(this.topic);
      return new Map(
        offsets.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]),
      );
    });
  }

  /** By partition, the next offset that a group reads. Omits partitions in which the group has committed nothing. */
  readCommitted(groupId: string): Promise<ReadonlyMap<number, bigint>> {
    return this.query(async (admin) => {
      const [topic] = await admin.fetchOffsets({ groupId, topics: [this.topic] });
      const committed = topic!.partitions.map(
        ({ partition, offset }) => [partition, BigInt(offset)] as const,
      );
      return new Map(committed.filter(([, offset]) => offset >= 0n));
    });
  }

  async close(): Promise<void> {
    const admin = this.admin;
    this.admin = undefined;
    await admin?.disconnect().catch(() => undefined);
  }

  private async query<T>(run: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      const admin = (this.admin ??= this.kafka.admin({ retry: { retries: 2 } }));
      // Returns at once if it is connected.
      await admin.connect();
      return await run(admin);
    } catch (error) {
      // A client that failed may have cached the metadata of a deleted topic. The next call uses a new one.
      await this.close();
      throw error;
    }
  }
}
