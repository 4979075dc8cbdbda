import { PARTITIONS, TOPICS } from '#libs/contracts';
import { createKafka, ensureTopics } from '#libs/kafka';
import type { Logger } from '#libs/platform';

/** Creates the topics that a production has from its manifests. */
export async function createTopics(brokers: string, logger: Logger): Promise<void> {
  const kafka = createKafka({ brokers, clientId: 'standalone' }, logger);
  await ensureTopics(
    kafka,
    Object.values(TOPICS).map((topic) => ({
      topic,
      numPartitions: PARTITIONS,
      replicationFactor: 1,
      ...(topic === TOPICS.profiles ? { configEntries: [{ name: 'cleanup.policy', value: 'compact' }] } : {}),
    })),
  );
}
