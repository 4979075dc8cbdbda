import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PARTITIONS, TOPICS } from '#libs/contracts';
import { createKafka, ensureTopics } from '#libs/kafka';
import { createLogger, createPool, migrate } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { startEventStore } from '../../libs/dev-servers/src/eventstore/start.js';
import { startKafka } from '../../libs/dev-servers/src/kafka/start.js';
import { freePort } from '../deploy/support/free-port.js';
import { App } from '../support/app.js';
import { issuerWith } from '../support/issuer.js';
import { postgresUnderTest } from '../support/postgres.js';

/** The api as a process, with the servers that it needs; with the command app, too, where commands are to be decided. */
export interface Service {
  readonly url: string;
  readonly api: App;
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
  /** Decides commands; without it, none has an outcome. */
  readonly commandApp: boolean;
  /** The api's own. */
  readonly env?: Record<string, string>;
}

export async function startService({ commandApp, env = {} }: Wish): Promise<Service> {
  const dir = await mkdtemp(join(tmpdir(), 'http-service-'));
  const logger = createLogger('service', 'silent');
  const kafkaDir = join(dir, 'kafka');
  const [postgres, first] = await Promise.all([postgresUnderTest(), startKafka({ dataDir: kafkaDir })]);
  let kafka = first;
  const brokers = first.addresses.brokers;
  const pool = createPool({ url: postgres.url, app: 'service' }, logger);
  await migrate(pool, readModelMigrations, logger);
  await pool.end();
  const topics = [TOPICS.commands, TOPICS.deadLetters].map((topic) => ({ topic, numPartitions: PARTITIONS }));
  await ensureTopics(createKafka({ brokers, clientId: 'service' }, logger), topics);

  const issuer = await issuerWith(join(dir, 'jwks.json'));
  const common = { KAFKA_BROKERS: brokers, DATABASE_URL: postgres.url };
  const [port, healthPort] = [await freePort(), await freePort()];
  const store = commandApp ? await startEventStore({ dataDir: join(dir, 'event-store') }) : undefined;
  const command =
    store &&
    App.start('command', {
      ...common,
      EVENTSTORE_URL: store.addresses.url,
      HEALTH_PORT: String(healthPort),
    });
  const api = App.start('api', {
    ...common,
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: 'https://invitations.example',
    INSTANCE_ID: 'service',
    ...issuer.env,
    ...env,
  });
  const url = `http://127.0.0.1:${port}`;
  await Promise.all([api.ready(url), command?.ready(`http://127.0.0.1:${healthPort}`)]);
  return {
    url,
    api,
    databaseUrl: postgres.url,
    brokers,
    eventStoreUrl: store?.addresses.url ?? '',
    token: issuer.token,
    stopKafka: () => kafka.stop(),
    async startKafka() {
      kafka = await startKafka({ dataDir: kafkaDir, port: Number(brokers.split(':')[1]) });
      if (kafka.addresses.brokers !== brokers) throw new Error('the broker is not where it was');
    },
    async stop() {
      await Promise.all([api.stop(), command?.stop()]);
      await Promise.all([kafka.stop(), store?.stop(), postgres.stop()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
