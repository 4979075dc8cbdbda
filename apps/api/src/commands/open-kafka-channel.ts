import type { Registry } from 'prom-client';
import { OUTCOMES_PREFIX } from '#libs/contracts';
import {
  BatchConsumer,
  ConsumerMetrics,
  createKafka,
  ensureTopics,
  Producer,
  ProducerMetrics,
} from '#libs/kafka';
import type { Health, Logger } from '#libs/platform';
import { ChannelMetrics } from './channel-metrics.js';
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
  registry: Registry,
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
  // The topic's own name has the instance's, and there may have been many.
  const metrics = new ConsumerMetrics(registry, () => `${OUTCOMES_PREFIX}*`);
  const options = { groupId, topics: [replyTo], handle, onFatal, metrics };
  const consumer = new BatchConsumer(kafka, options, health, logger);
  const producer = new Producer(kafka, undefined, new ProducerMetrics(registry));
  await Promise.all([producer.connect(), consumer.start()]);
  return {
    channel: new KafkaCommandChannel(producer, pending, { replyTo, timeoutMs }, new ChannelMetrics(registry)),
    async close() {
      await consumer.stop();
      await producer.disconnect();
    },
  };
}
