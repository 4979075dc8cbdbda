import { join } from 'node:path';
import { createTopics } from '../../apps/standalone/src/servers/topics.js';
import { notificationMigrations } from '../../apps/notification/src/migrations.js';
import { createLogger, createPool, migrate, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { freePort } from '../deploy/support/free-port.js';
import { SmtpStub } from '../notification/smtp-stub.js';
import { App } from './app.js';
import { eventStoreUnderTest } from './event-store.js';
import { issuerWith, type Issuer } from './issuer.js';
import { kafkaUnderTest } from './kafka.js';
import { postgresUnderTest } from './postgres.js';
import { PublishingService } from './publisher.js';
import { newFolder, removeFolder } from './standalone.js';

export const APPS = ['command', 'projector', 'notification', 'api'] as const;
export type AppName = (typeof APPS)[number];

const LINK_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64url')}`;

/** The whole service as a deployment has it: servers, and each app a process of its own, which can be told to stop. */
export class Deployed {
  readonly smtp = new SmtpStub();
  private readonly apps = new Map<AppName, App>();
  private readonly formers: App[] = [];

  private constructor(
    readonly brokers: string,
    readonly eventStore: string,
    readonly postgres: string,
    readonly pool: Pool,
    readonly service: PublishingService,
    readonly issuer: Issuer,
    private readonly ports: Record<AppName, number>,
    private readonly end: () => Promise<void>,
  ) {}

  static async start(): Promise<Deployed> {
    const folder = newFolder();
    const logger = createLogger('test', 'silent');
    const [eventStore, kafka, postgres] = await Promise.all([
      eventStoreUnderTest(),
      kafkaUnderTest(),
      postgresUnderTest(),
    ]);
    const brokers = kafka.brokers.join(',');
    const pool = createPool({ url: postgres.url, app: 'test' }, logger);
    await createTopics(brokers, logger);
    await migrate(pool, readModelMigrations, logger);
    await migrate(pool, notificationMigrations, logger);
    const ports = {
      command: await freePort(),
      projector: await freePort(),
      notification: await freePort(),
      api: await freePort(),
    };
    const service = await new PublishingService(brokers).start();
    const end = async () => {
      await service.stop();
      await pool.end();
      await Promise.all([eventStore.stop(), kafka.stop(), postgres.stop()]);
      removeFolder(folder);
    };
    const issuer = await issuerWith(join(folder, 'jwks.json'));
    const deployed = new Deployed(brokers, eventStore.url, postgres.url, pool, service, issuer, ports, end);
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

  app(app: AppName): App {
    return this.apps.get(app)!;
  }

  /** Starts it and waits until it is ready. */
  async startApp(name: AppName, env: Readonly<Record<string, string>> = {}): Promise<void> {
    const app = App.start(name, { ...this.environment(name), ...env });
    this.apps.set(name, app);
    await app.ready(this.url(name));
  }

  /** Starts another one beside it, which takes its name here. @returns the former, which runs on */
  async startSuccessor(name: AppName): Promise<App> {
    const former = this.app(name);
    this.formers.push(former);
    this.ports[name] = await freePort();
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
      command: {},
      projector: {},
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
      KAFKA_BROKERS: this.brokers,
      EVENTSTORE_URL: this.eventStore,
      DATABASE_URL: this.postgres,
      HEALTH_PORT: port,
      ...own[app],
    };
  }
}
