import { once } from 'node:events';
import { connect } from 'node:net';
import { Kafka, logLevel, type logCreator } from 'kafkajs';
import { createLogger, type Logger, type ServerCheck } from '#libs/platform';
import {
  PROTOCOL_ERROR_NAME,
  REBALANCING_MESSAGE,
  type ProtocolError,
} from './protocol/kafkajs-internals.js';
import { installWireFormat } from './protocol/kafkajs-wire-format.js';

export interface KafkaSettings {
  /** `host:port`, comma separated. */
  readonly brokers: string;
  readonly clientId: string;
  /** How often kafkajs retries an unreachable broker. Command-line tools set fewer retries than the apps. */
  readonly retries?: number;
  /** How long kafkajs waits for a connection to a broker. Its default is one second. */
  readonly connectionTimeoutMs?: number;
}

/** Creates every kafkajs client of the service. Its log lines go to our logger, at a level that fits how it recovers. */
export function createKafka(
  { brokers, clientId, retries = 8, connectionTimeoutMs }: KafkaSettings,
  logger: Logger,
): Kafka {
  installWireFormat();
  return new Kafka({
    clientId,
    brokers: brokers.split(',').map((broker) => broker.trim()),
    logLevel: logLevel.WARN,
    logCreator: createLogCreator(logger),
    retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries },
    ...(connectionTimeoutMs === undefined ? {} : { connectionTimeout: connectionTimeoutMs }),
  });
}

/** kafkajs logs an error for each failure that it then retries, and a warning for each rebalance. */
const createLogCreator =
  (logger: Logger): logCreator =>
  () =>
  ({ level, log }) => {
    const { message, error, broker, groupId, retryCount } = log;
    const fields = {
      kafka: {
        error: error instanceof Error ? error.message : (error as unknown),
        broker: broker as unknown,
        groupId: groupId as unknown,
        retryCount: retryCount as unknown,
      },
    };
    if (level > logLevel.WARN) logger.debug(fields, message);
    else if (message === REBALANCING_MESSAGE) logger.info(fields, message);
    else logger.warn(fields, message);
  };

/**
 * Kafka's name of the error that a broker answered with, such as `NOT_LEADER_FOR_PARTITION`; undefined when no broker
 * answered. kafkajs wraps the error that it gave up on, so the causes are searched.
 */
export function brokerErrorType(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current.name === PROTOCOL_ERROR_NAME) return (current as ProtocolError).type;
  }
  return undefined;
}

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** Whether a broker rejected a request because a batch exceeds the size limit of its topic or of the broker. */
export const isMessageTooLarge = (error: unknown): boolean => TOO_LARGE.has(brokerErrorType(error) ?? '');

const CONNECT_TIMEOUT_MS = 2_000;

/**
 * Longer than a check lasts: brokers that do not respond in time may still be starting, so that the check reports a timeout
 * and not an error of kafkajs.
 */
const PROBE_TIMEOUT_MS = 10_000;

export const kafkaCheck = (brokers: string): ServerCheck => ({
  server: 'Kafka at KAFKA_BROKERS',
  address: brokers,
  probe: probeKafka,
});

/**
 * Asks for the cluster's brokers and connects to each of them: the addresses that they advertise may be unreachable from
 * here although the bootstrap address is not.
 * @throws an error that names the reason
 */
async function probeKafka(brokers: string): Promise<void> {
  const logger = createLogger('probe', 'silent');
  const settings = { brokers, clientId: 'probe', retries: 0, connectionTimeoutMs: PROBE_TIMEOUT_MS };
  const admin = createKafka(settings, logger).admin();
  try {
    await admin.connect();
    const { brokers: advertised } = await admin.describeCluster();
    await Promise.all(advertised.map(({ host, port }) => assertReachable(host, port)));
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

async function assertReachable(host: string, port: number): Promise<void> {
  const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
  socket.once('timeout', () => socket.destroy(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`)));
  try {
    await once(socket, 'connect');
  } catch (error) {
    const message = `it advertises the broker ${host}:${port}, which cannot be reached: ${String(error)}`;
    throw new Error(message, { cause: error });
  } finally {
    socket.destroy();
  }
}
