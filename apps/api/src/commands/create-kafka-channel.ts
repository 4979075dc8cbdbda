import type { Registry } from 'prom-client';
import {
  InvalidDataError,
  parseJson,
  REFUSAL_CODES,
  UUID,
  type CommandOutcome,
  type Topics,
} from '#libs/contracts';
import {
  BatchConsumer,
  ConsumerMetrics,
  createKafka,
  describePrincipal,
  ensureTopics,
  KafkaRightsCheck,
  kafkaSettings,
  Producer,
  ProducerMetrics,
  type KafkaConfig,
} from '#libs/kafka';
import { parseInternalSecrets, type Fatal, type Health, type Logger } from '#libs/platform';
import type { ApiConfig } from '../config/api.config.js';
import { apiRights, instanceName } from './kafka-rights.js';
import { CommandChannelMetrics, KafkaCommandChannel, PendingOutcomes } from './kafka-command-channel.js';

type ChannelConfig = KafkaConfig &
  Pick<ApiConfig, 'GROUP_PREFIX' | 'INSTANCE_ID' | 'COMMAND_TIMEOUT' | 'OPERATOR_COMMAND_SECRETS'>;

/** Retention of the reply topic, in milliseconds. No request waits longer for an outcome, and the stored ones last. */
const REPLY_RETENTION_MS = 3_600_000;

/**
 * Creates the channel of this instance. It reads outcomes from the beginning of the reply topic, or from the committed
 * offset of this instance: outcomes of requests that ended long ago are dropped, and none is missed because the consumer
 * joined late.
 */
export function createKafkaChannel(
  config: ChannelConfig,
  topics: Topics,
  onFatal: Fatal,
  health: Health,
  registry: Registry,
  logger: Logger,
): KafkaCommandChannel {
  const name = instanceName(config.INSTANCE_ID);
  const groupId = config.GROUP_PREFIX + name;
  const replyTo = topics.outcomesOf(name);
  const security = kafkaSettings(config);
  const kafka = createKafka({ ...security, clientId: name }, logger);
  const rights = new KafkaRightsCheck(
    kafka,
    describePrincipal(security.login, security.tls),
    apiRights(topics, config.GROUP_PREFIX, config.INSTANCE_ID),
    health,
    logger,
  );
  const pending = new PendingOutcomes();
  const handle = async (messages: readonly { value: Buffer | null }[]) => {
    for (const { value } of messages) {
      const outcome = parseOutcome(value);
      if (outcome === undefined) logger.warn({ topic: replyTo }, 'dropped an invalid outcome message');
      else pending.resolve(outcome);
    }
  };
  // A label for all instances: the topic's name contains the instance id, and there may have been many.
  const metrics = new ConsumerMetrics(registry, () => topics.outcomesOf('*'));
  const options = { groupId, topics: [replyTo], handle, onFatal, metrics };
  const consumer = new BatchConsumer(kafka, options, health, logger);
  const producer = new Producer(kafka, undefined, new ProducerMetrics(registry));
  const connection = {
    async open(onWaiting?: () => Promise<void>) {
      await rights.waitUntilGranted(onWaiting);
      const configEntries = [{ name: 'retention.ms', value: String(REPLY_RETENTION_MS) }];
      await ensureTopics(kafka, [{ topic: replyTo, numPartitions: 1, configEntries }]);
      await Promise.all([producer.connect(), consumer.start()]);
    },
    async close() {
      await consumer.stop();
      await producer.disconnect();
    },
  };
  const settings = {
    topic: topics.commands,
    replyTo,
    timeoutMs: config.COMMAND_TIMEOUT,
    operatorSecret:
      config.OPERATOR_COMMAND_SECRETS && parseInternalSecrets(config.OPERATOR_COMMAND_SECRETS)[0],
  };
  return new KafkaCommandChannel(
    producer,
    pending,
    settings,
    new CommandChannelMetrics(registry),
    connection,
  );
}

/** Returns the outcome in a message's value; undefined when it is not a valid outcome. */
export function parseOutcome(value: Uint8Array | null): CommandOutcome | undefined {
  const data = tryParseJson(value);
  if (typeof data !== 'object' || data === null) return undefined;
  const { commandId, outcome, code } = data as Partial<Record<keyof CommandOutcome, unknown>>;
  if (typeof commandId !== 'string' || !UUID.test(commandId)) return undefined;
  if (outcome === 'accepted') return { commandId, outcome };
  const refusal = REFUSAL_CODES.find((known) => known === code);
  return outcome === 'refused' && refusal !== undefined ? { commandId, outcome, code: refusal } : undefined;
}

function tryParseJson(value: Uint8Array | null): unknown {
  try {
    return parseJson(value);
  } catch (error) {
    if (error instanceof InvalidDataError) return undefined;
    throw error;
  }
}
