import { PARTITIONS, TOPICS } from '#libs/contracts';
import { createKafka, ensureTopics } from '#libs/kafka';
import type { Logger } from '#libs/platform';

/** A dead letter is its message and more headers: what the broker took as a command it must take as that, too. */
export const SETTINGS: Partial<Record<string, { name: string; value: string }[]>> = {
  [TOPICS.profiles]: [{ name: 'cleanup.policy', value: 'compact' }],
  [TOPICS.deadLetters]: [{ name: 'max.message.bytes', value: String(2 * 1024 * 1024) }],
};

/** Creates the topics that a production has from its manifests, replicated as the brokers have it by default. */
export async function createTopics(brokers: string, logger: Logger): Promise<void> {
  const kafka = createKafka({ brokers, clientId: 'standalone' }, logger);
  await ensureTopics(
    kafka,
    Object.values(TOPICS).map((topic) => ({
      topic,
      numPartitions: PARTITIONS,
      configEntries: SETTINGS[topic] ?? [],
    })),
  );
}
