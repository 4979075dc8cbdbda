import { join } from 'node:path';
import { Topics } from '#libs/contracts';
import { createTopics } from '../../apps/standalone/src/servers/provisioning.js';
import { notificationMigrations } from '../../apps/notification/src/database/schema.js';
import { createLogger, createPool, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { findFreePort } from './ports.js';
import { SmtpStub } from '../integration/notification/smtp-stub.js';
import { AppProcess } from './app-process.js';
import type { EventStoreConfig } from '#libs/event-store';
import type { TestEventStore } from './event-store.js';
import { openEventStoreWithUsers, type EventStoreWithUsers } from './secure-event-store.js';
import { issuerWith, type Issuer } from './issuer.js';
import { openTestKafka, type TestKafka } from './kafka.js';
import { openTestPostgres, type TestPostgres } from './postgres.js';
import { PublishingService } from './publisher.js';
import { newFolder, removeFolder } from './standalone.js';

export const APPS = ['command', 'projector', 'notification', 'api'] as const;
export type AppName = (typeof APPS)[number];

export const LINK_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64url')}`;

export const DEPLOYED_MIGRATIONS = [readModelMigrations, notificationMigrations];

interface DeployedServers {
  readonly eventStore: TestEventStore;
  readonly kafka: TestKafka;
  /** With DEPLOYED_MIGRATIONS applied. */
  readonly postgres: TestPostgres;
}

/** The whole service as in a deployment: servers, and each app as a process that can be stopped. */
export class Deployed {
  readonly smtp = new SmtpStub();
  private readonly apps = new Map<AppName, AppProcess>();
  private readonly formers: AppProcess[] = [];

  private constructor(
    readonly brokers: string,
    /** How each app connects to Kafka, if the cluster has logins. */
    private readonly kafkaEnvironmentOf: TestKafka['environmentOf'],
    /** Of an administrator. */
    readonly eventStore: string,
    /** How each app connects to the event store. */
    readonly eventStoreLogins: Record<'command' | 'projector', EventStoreConfig>,
    readonly postgres: string,
    readonly pool: Pool,
    readonly service: PublishingService,
    readonly issuer: Issuer,
    private readonly ports: Record<AppName, number>,
    private readonly end: () => Promise<void>,
  ) {}

  /** @param given the servers to run on; the others are as the tests' environment asks for */
  static async start(given: Partial<DeployedServers> = {}): Promise<Deployed> {
    const folder = newFolder();
    const logger = createLogger('test', 'silent');
    const [eventStore, kafka, postgres] = await Promise.all([
      given.eventStore === undefined ? openEventStoreWithUsers() : withoutUsers(given.eventStore),
      given.kafka ?? openTestKafka(),
      given.postgres ?? openTestPostgres(...DEPLOYED_MIGRATIONS),
    ]);
    const brokers = kafka.brokers.join(',');
    const pool = createPool({ url: postgres.url, app: 'test' }, logger);
    await createTopics(new Topics(), brokers, logger);
    const ports = {
      command: await findFreePort(),
      projector: await findFreePort(),
      notification: await findFreePort(),
      api: await findFreePort(),
    };
    const service = await new PublishingService(brokers).start();
    const end = async () => {
      await service.stop();
      await pool.end();
      await Promise.all([eventStore.stop(), kafka.stop(), postgres.stop()]);
      removeFolder(folder);
    };
    const issuer = await issuerWith(join(folder, 'jwks.json'));
    const deployed = new Deployed(
      brokers,
      kafka.environmentOf?.bind(kafka),
      eventStore.url,
      eventStore,
      postgres.url,
      pool,
      service,
      issuer,
      ports,
      end,
    );
    await deployed.smtp.start();
    await Promise.all(APPS.map((app) => deployed.startApp(app)));
    return deployed;
  }

  get api(): string {
    return this.url('api');
  }

  url(app: AppName): string {
    return `http://127.0.0.1:${this.ports[app]}`;
  }

  app(app: AppName): AppProcess {
    return this.apps.get(app)!;
  }

  /** Starts an app and waits until it is ready. */
  async startApp(name: AppName, env: Readonly<Record<string, string>> = {}): Promise<void> {
    const app = new AppProcess(name, { ...this.environment(name), ...env });
    this.apps.set(name, app);
    await app.untilReadyAt(this.url(name));
  }

  /** Starts another process of an app, which replaces it here. @returns the former process, which continues */
  async startSuccessor(name: AppName): Promise<AppProcess> {
    const former = this.app(name);
    this.formers.push(former);
    this.ports[name] = await findFreePort();
    await this.startApp(name);
    return former;
  }

  async stop(): Promise<void> {
    const apps = [...this.apps.values(), ...this.formers];
    for (const app of apps) app.signal('SIGKILL');
    await Promise.all(apps.map(({ exited }) => exited));
    await this.smtp.stop();
    await this.end();
  }

  private environment(app: AppName): Record<string, string> {
    const port = String(this.ports[app]);
    const publicUrl = `http://127.0.0.1:${this.ports.api}`;
    const own: Record<AppName, Record<string, string>> = {
      command: variablesOf(this.eventStoreLogins.command),
      projector: variablesOf(this.eventStoreLogins.projector),
      notification: {
        SMTP_URL: this.smtp.url,
        MAIL_FROM: 'Invitations <invitations@network.example>',
        PUBLIC_URL: publicUrl,
        LINK_KEYS,
      },
      api: {
        HOST: '127.0.0.1',
        PORT: port,
        PUBLIC_URL: publicUrl,
        INSTANCE_ID: 'test',
        RATE_ADDRESS: 'none',
        ...this.issuer.env,
      },
    };
    return {
      LOG_LEVEL: 'warn',
      ...(this.kafkaEnvironmentOf?.(`invitations-${app}`) ?? { KAFKA_BROKERS: this.brokers }),
      DATABASE_URL: this.postgres,
      HEALTH_PORT: port,
      ...own[app],
    };
  }
}

/** An event store that a test has opened without TLS has no users. */
const withoutUsers = (store: TestEventStore): EventStoreWithUsers => {
  const config = { EVENTSTORE_URL: store.url };
  return { url: store.url, stop: () => store.stop(), command: config, projector: config };
};

const variablesOf = (config: EventStoreConfig): Record<string, string> =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
