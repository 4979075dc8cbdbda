import { OUTCOMES_PREFIX } from '#libs/contracts';
import { BatchConsumer, createKafka, ensureTopics, Producer } from '#libs/kafka';
import type { Health, Logger } from '#libs/platform';
import { KafkaCommandChannel } from './kafka-command-channel.js';
import { outcomeIn } from './outcome-message.js';
import { PendingOutcomes } from './pending-outcomes.js';

export interface KafkaChannelSettings {
  readonly brokers: string;
  readonly instanceId: string;
  /** In milliseconds. */
  readonly timeoutMs: number;
  readonly onFatal: (reason: string, error: unknown) => void;
}

/** Nobody asks for an outcome here once its request has been answered; the stored ones last. In milliseconds. */
const RETENTION_MS = 3_600_000;

export interface OpenChannel {
  readonly channel: KafkaCommandChannel;
  close(): Promise<void>;
}

/**
 * Connects to Kafka. Outcomes are read from the topic's beginning, or from where this instance was: those of requests
 * long gone are dropped, and none is missed because the consumer was late.
 */
export async function openKafkaChannel(
  { brokers, instanceId, timeoutMs, onFatal }: KafkaChannelSettings,
  health: Health,
  logger: Logger,
): Promise<OpenChannel> {
  const groupId = `api-${instanceId}`;
  const replyTo = `${OUTCOMES_PREFIX}${groupId}`;
  const kafka = createKafka({ brokers, clientId: groupId }, logger);
  const configEntries = [{ name: 'retention.ms', value: String(RETENTION_MS) }];
  await ensureTopics(kafka, [{ topic: replyTo, numPartitions: 1, configEntries }]);
  const pending = new PendingOutcomes();
  const handle = async (messages: readonly { value: Buffer | null }[]) => {
    for (const { value } of messages) {
      const outcome = outcomeIn(value);
      if (outcome === undefined) logger.warn({ topic: replyTo }, 'a message that is no outcome was dropped');
      else pending.settle(outcome);
    }
  };
  const consumer = new BatchConsumer(kafka, { groupId, topics: [replyTo], handle, onFatal }, health, logger);
  const producer = new Producer(kafka);
  await Promise.all([producer.connect(), consumer.start()]);
  return {
    channel: new KafkaCommandChannel(producer, pending, { replyTo, timeoutMs }),
    async close() {
      await consumer.stop();
      await producer.disconnect();
    },
  };
}
