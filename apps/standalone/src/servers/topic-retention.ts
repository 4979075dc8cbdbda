import type { Topics } from '#libs/contracts';
import { readTopicSetting, TopicsConfig, type Kafka } from '#libs/kafka';
import { IsDuration } from '#libs/platform';

export const RETENTION = 'retention.ms';

export const DEFAULT_TEXT_RETENTION_MS = 7 * 86_400_000;

export class CreatedTopicsConfig extends TopicsConfig {
  /**
   * How long new topics keep messages with members' texts. It must be longer than any outage of a consumer, and than operators need to
   * examine a dead letter.
   */
  @IsDuration({ atLeast: 'PT1H' })
  TEXT_TOPIC_RETENTION = DEFAULT_TEXT_RETENTION_MS;
}

/** @returns for each topic whose messages carry members' texts, how long it keeps them, in milliseconds */
export const retentionOfTexts = (topics: Topics, retentionMs: number): Readonly<Record<string, number>> =>
  Object.fromEntries(topics.withTexts.map((topic) => [topic, retentionMs]));

/**
 * Reports topics that keep texts for longer than new ones would. They are not altered, because that deletes messages at once, which
 * somebody may still need.
 */
export async function reportLongerRetention(
  kafka: Kafka,
  existing: readonly string[],
  wanted: Readonly<Record<string, number>>,
  print: (line: string) => void,
): Promise<void> {
  const withTexts = existing.filter((topic) => wanted[topic] !== undefined);
  try {
    for (const [topic, value] of await readTopicSetting(kafka, withTexts, RETENTION)) {
      const retentionMs = Number(value);
      // -1 is for ever.
      if (retentionMs >= 0 && retentionMs <= wanted[topic]!) continue;
      print(
        `The topic ${topic} keeps members' texts ${retentionMs < 0 ? 'for ever' : `for ${value} ms`}, and a new one would keep them for ` +
          `${wanted[topic]} ms. It stays as it is; to change it: kafka-configs.sh --alter --topic ${topic} --add-config ${RETENTION}=${wanted[topic]}`,
      );
    }
  } catch (error) {
    // The login may lack the right DescribeConfigs, which the service does not need.
    const reason = error instanceof Error ? error.message : String(error);
    print(`How long the topics keep members' texts is not known: ${reason}`);
  }
}
