import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PARTITIONS, TOPICS } from '#libs/contracts';
import { createKafka, ensureTopics } from '#libs/kafka';
import { createLogger } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { DevBroker } from '../../support/dev-broker.js';
import { findFreePort } from '../../support/ports.js';
import { AppProcess } from '../../support/app-process.js';
import { openEmptyEventStore } from '../../support/event-store.js';
import { issuerWith } from '../../support/issuer.js';
import { openTestPostgres } from '../../support/postgres.js';

/** The api as a process with its servers, and optionally the command app. */
export interface Service {
  readonly url: string;
  readonly api: AppProcess;
  readonly databaseUrl: string;
  readonly brokers: string;
  /** Empty without a command app. */
  readonly eventStoreUrl: string;
  token(sub: string, scope?: string): Promise<string>;
  stopKafka(): Promise<void>;
  startKafka(): Promise<void>;
  stop(): Promise<void>;
}

interface Wish {
  /** Starts the command app. Without it, no command gets an outcome. */
  readonly commandApp: boolean;
  /** Whether the test stops the broker, which then is a process of its own. */
  readonly stopsKafka?: boolean;
  /** Additional variables of the api. */
  readonly env?: Record<string, string>;
}

export async function startService({ commandApp, stopsKafka = false, env = {} }: Wish): Promise<Service> {
  const dir = await mkdtemp(join(tmpdir(), 'http-service-'));
  const logger = createLogger('service', 'silent');
  const kafkaDir = join(dir, 'kafka');
  const [postgres, kafka] = await Promise.all([
    openTestPostgres(readModelMigrations),
    stopsKafka ? DevBroker.start({ dataDir: kafkaDir }) : DevBroker.startShared(),
  ]);
  const { brokers } = kafka;
  const topics = [TOPICS.commands, TOPICS.deadLetters].map((topic) => ({ topic, numPartitions: PARTITIONS }));
  await ensureTopics(createKafka({ brokers, clientId: 'service' }, logger), topics);

  const issuer = await issuerWith(join(dir, 'jwks.json'));
  const common = { KAFKA_BROKERS: brokers, DATABASE_URL: postgres.url };
  const [port, healthPort] = [await findFreePort(), await findFreePort()];
  const store = commandApp ? await openEmptyEventStore() : undefined;
  const command =
    store &&
    new AppProcess('command', {
      ...common,
      EVENTSTORE_URL: store.url,
      HEALTH_PORT: String(healthPort),
    });
  const api = new AppProcess('api', {
    ...common,
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: 'https://invitations.example',
    INSTANCE_ID: 'service',
    ...issuer.env,
    ...env,
  });
  const url = `http://127.0.0.1:${port}`;
  await Promise.all([api.untilReadyAt(url), command?.untilReadyAt(`http://127.0.0.1:${healthPort}`)]);
  return {
    url,
    api,
    databaseUrl: postgres.url,
    brokers,
    eventStoreUrl: store?.url ?? '',
    token: issuer.token,
    stopKafka: () => kafka.stop(),
    async startKafka() {
      await kafka.startAgain();
      if (kafka.brokers !== brokers) throw new Error('the broker is not where it was');
    },
    async stop() {
      await Promise.all([api.stop(), command?.stop()]);
      await Promise.all([kafka.stop(), store?.stop(), postgres.stop()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
