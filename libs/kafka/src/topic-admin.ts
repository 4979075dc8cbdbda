import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Admin, type ITopicConfig, type Kafka } from 'kafkajs';
import { brokerErrorType } from './protocol/kafkajs-internals.js';

/**
 * Creates the topics that do not exist yet. Existing topics keep their configuration.
 * @returns the names of the existing ones
 */
export async function ensureTopics(kafka: Kafka, topics: ITopicConfig[]): Promise<readonly string[]> {
  return withAdmin(kafka, async (admin) => {
    const listed = new Set(await admin.listTopics());
    const missing = topics.filter(({ topic }) => !listed.has(topic));
    if (missing.length > 0) await createTopics(admin, missing);
    return topics.map(({ topic }) => topic).filter((topic) => listed.has(topic));
  });
}

/** In Kafka's protocol; kafkajs exports it as a type only. */
const TOPIC_RESOURCE = 2;

/** @returns a setting of each topic, as the brokers apply it */
export async function readTopicSetting(
  kafka: Kafka,
  topics: readonly string[],
  setting: string,
): Promise<ReadonlyMap<string, string>> {
  if (topics.length === 0) return new Map();
  const resources = topics.map((name) => ({
    type: TOPIC_RESOURCE,
    name,
    configNames: [setting],
  }));
  return withAdmin(kafka, async (admin) => {
    const described = await admin.describeConfigs({ includeSynonyms: false, resources });
    return new Map(
      described.resources.flatMap(({ resourceName, configEntries }) =>
        configEntries
          .filter(({ configName }) => configName === setting)
          .map(({ configValue }) => [resourceName, configValue] as const),
      ),
    );
  });
}

/** How long a cluster may take until a new topic can be used. */
const LEADERS_WITHIN_MS = 30_000;
const LEADERS_POLL_MS = 50;

/**
 * Creates topics, and waits until each partition has a leader. Topics that exist keep their configuration.
 *
 * `waitForLeaders` of kafkajs fails on a broker that has not heard of the new topic yet, which is common with KRaft: the
 * controller responds before the brokers have applied its record.
 *
 * @throws when the cluster refuses a topic, or a partition has no leader in time
 */
export async function createTopics(
  admin: Pick<Admin, 'createTopics' | 'fetchTopicMetadata'>,
  topics: ITopicConfig[],
  withinMs = LEADERS_WITHIN_MS,
): Promise<void> {
  await admin.createTopics({ topics, waitForLeaders: false });
  const names = topics.map(({ topic }) => topic);
  for (let waitedMs = 0; !(await haveLeaders(admin, names)); waitedMs += LEADERS_POLL_MS) {
    if (waitedMs >= withinMs)
      throw new Error(`no leader for a partition of ${names.join(', ')} in ${withinMs} ms`);
    await delay(LEADERS_POLL_MS);
  }
}

async function haveLeaders(admin: Pick<Admin, 'fetchTopicMetadata'>, names: string[]): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: names });
    return topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
  } catch (error) {
    if (NOT_YET.has(brokerErrorType(error) ?? '')) return false;
    throw error;
  }
}

const NOT_YET: ReadonlySet<string> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);

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

/** How long a topic keeps its messages. */
export interface Retention {
  /** Whether only the last message of each key is kept in the end. */
  readonly isCompacted: boolean;
  /** In milliseconds; undefined for a topic that deletes none by age. */
  readonly retentionMs: number | undefined;
}

/** @throws when the topic does not exist */
export async function readRetention(kafka: Kafka, topic: string): Promise<Retention> {
  return withAdmin(kafka, async (admin) => {
    const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic };
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
    const valueOf = (name: string) =>
      resources[0]!.configEntries.find(({ configName }) => configName === name)?.configValue;
    const policies = (valueOf('cleanup.policy') ?? 'delete').split(',');
    const ms = Number(valueOf('retention.ms') ?? -1);
    return {
      isCompacted: policies.includes('compact'),
      retentionMs: policies.includes('delete') && ms >= 0 ? ms : undefined,
    };
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

  /** The current offsets by partition. @throws when no broker responds or the topic does not exist */
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
