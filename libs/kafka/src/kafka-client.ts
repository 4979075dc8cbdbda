import { Kafka, logLevel, type logCreator } from 'kafkajs';
import { createLogger, type Logger, type ServerCheck } from '#libs/platform';
import { installHeartbeatClock } from './protocol/heartbeat-clock.js';
import { REBALANCING_MESSAGE } from './protocol/kafkajs-internals.js';
import { installWireFormat } from './protocol/kafkajs-wire-format.js';
import { createSasl, type KafkaLogin } from './security/sasl.js';
import { createSocketFactory, type TlsFiles } from './security/socket-factory.js';

export interface KafkaSettings {
  /** `host:port`, comma separated. */
  readonly brokers: string;
  readonly clientId: string;
  /** How often kafkajs retries an unreachable broker. Command-line tools set fewer retries than the apps. */
  readonly retries?: number;
  /** How long a new connection with its TLS handshake may take; 10 s by default. kafkajs has 1 s: too short for a busy machine. */
  readonly connectionTimeoutMs?: number;
  /** Connections without it are not encrypted. */
  readonly tls?: TlsFiles;
  readonly login?: KafkaLogin;
}

const CONNECTION_TIMEOUT_MS = 10_000;

/**
 * How long before the end of its session a connection logs in again, at its next request. kafkajs has ten seconds. Brokers refuse a
 * second login within a second of the first, so a session must be more than a second longer than this.
 */
const LOGIN_BEFORE_END_MS = 5_000;

/** Creates every kafkajs client of the service. Its log lines go to our logger, at a level that fits how it recovers. */
export function createKafka(settings: KafkaSettings, logger: Logger): Kafka {
  const {
    brokers,
    clientId,
    retries = 8,
    connectionTimeoutMs = CONNECTION_TIMEOUT_MS,
    tls,
    login,
  } = settings;
  installWireFormat();
  installHeartbeatClock();
  return new Kafka({
    clientId,
    brokers: brokers.split(',').map((broker) => broker.trim()),
    logLevel: logLevel.WARN,
    logCreator: createLogCreator(logger),
    retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries },
    connectionTimeout: connectionTimeoutMs,
    authenticationTimeout: connectionTimeoutMs,
    reauthenticationThreshold: LOGIN_BEFORE_END_MS,
    // The socket factory decides about TLS; kafkajs only logs this.
    ssl: tls !== undefined,
    socketFactory: createSocketFactory(tls, login !== undefined),
    ...(login === undefined ? {} : { sasl: createSasl(login) }),
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

/** Checks the brokers with the credentials of the app. */
export const kafkaCheck = (settings: Omit<KafkaSettings, 'clientId'>): ServerCheck => ({
  server: 'Kafka at KAFKA_BROKERS',
  address: settings.brokers,
  probe: () => probeKafka(settings),
});

/**
 * Longer than a check lasts: brokers that do not respond in time may still be starting, so that the check reports a timeout
 * and not an error of kafkajs.
 */
const PROBE_TIMEOUT_MS = 10_000;

/**
 * Asks for the cluster's brokers and connects to each of them: the addresses that they advertise may be unreachable from
 * here although the bootstrap address is not.
 * @throws an error that names the reason
 */
async function probeKafka(settings: Omit<KafkaSettings, 'clientId'>): Promise<void> {
  const { brokers } = await describeCluster(settings, settings.brokers);
  await Promise.all(
    brokers.map(async ({ host, port }) => {
      try {
        await describeCluster(settings, `${host}:${port}`);
      } catch (error) {
        const message = `it advertises the broker ${host}:${port}, which cannot be used: ${(error as Error).message}`;
        throw new Error(message, { cause: error });
      }
    }),
  );
}

async function describeCluster(settings: Omit<KafkaSettings, 'clientId'>, brokers: string) {
  const logger = createLogger('probe', 'silent');
  const probe = {
    ...settings,
    brokers,
    clientId: 'probe',
    retries: 0,
    connectionTimeoutMs: PROBE_TIMEOUT_MS,
  };
  const admin = createKafka(probe, logger).admin();
  try {
    await admin.connect();
    return await admin.describeCluster();
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
