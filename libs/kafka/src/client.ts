import { Kafka, logLevel, type logCreator } from 'kafkajs';
import type { Logger } from '#libs/platform';
import { readCompressedBatches } from './compression.js';

export interface KafkaSettings {
  /** `host:port`, comma separated. */
  readonly brokers: string;
  readonly clientId: string;
  /** How often a broker that cannot be reached is tried again. A person who waits has less patience than an app. */
  readonly retries?: number;
}

readCompressedBatches();

/** The one place that makes kafkajs clients. Its lines are ours; what it calls an error and then retries is a warning. */
export function createKafka({ brokers, clientId, retries = 8 }: KafkaSettings, logger: Logger): Kafka {
  return new Kafka({
    clientId,
    brokers: brokers.split(',').map((broker) => broker.trim()),
    logLevel: logLevel.WARN,
    logCreator: linesTo(logger),
    retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries },
  });
}

/** What kafkajs warns of whenever a replica comes or goes. */
const EVERYDAY = 'The group is rebalancing, re-joining';

const linesTo =
  (logger: Logger): logCreator =>
  () =>
  ({ level, log }) => {
    const { message, error, broker, groupId, retryCount } = log;
    const line = {
      kafka: {
        error: error instanceof Error ? error.message : (error as unknown),
        broker: broker as unknown,
        groupId: groupId as unknown,
        retryCount: retryCount as unknown,
      },
    };
    if (level > logLevel.WARN) logger.debug(line, message);
    else if (message === EVERYDAY) logger.info(line, message);
    else logger.warn(line, message);
  };
