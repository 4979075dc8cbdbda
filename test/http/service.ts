import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { PARTITIONS, TOPICS } from '#libs/contracts';
import { createKafka, ensureTopics } from '#libs/kafka';
import { createLogger, createPool, migrate } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { startEventStore } from '../../libs/dev-servers/src/eventstore/start.js';
import { listen } from '../../libs/dev-servers/src/process/listen.js';
import { startKafka } from '../../libs/dev-servers/src/kafka/start.js';
import { postgresUnderTest } from '../support/postgres.js';
import { until } from '../support/until.js';

const DIST = resolve(import.meta.dirname, '../../dist');
const ISSUER = 'https://sign-in.example';

/** An app as a deployment runs it, and what it has said. */
class App {
  readonly log: string[] = [];
  /** Undefined while it runs. */
  ended: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  private readonly exited: Promise<unknown>;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.log.push(text));
    }
    // It does not outlive a test run that fails before its end.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    this.exited = once(child, 'exit').then(([code, signal]) => {
      process.off('exit', kill);
      this.ended = { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
  }

  static start(name: string, env: Record<string, string>): App {
    const main = join(DIST, `apps/${name}/src/main.js`);
    const { NODE_OPTIONS: _options, NODE_ENV: _env, ...own } = process.env;
    const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', main], {
      env: { ...own, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new App(name, child);
  }

  async ready(url: string): Promise<void> {
    const answers = () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    const failed = () => `${this.name} is not ready:\n${this.log.join('')}`;
    await until(async () => this.ended !== undefined || (await answers()), 80_000, failed);
    if (this.ended !== undefined) throw new Error(failed());
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.exited;
  }
}

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

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
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

  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
  const jwks = join(dir, 'jwks.json');
  await writeFile(
    jwks,
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA' }] }),
  );
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
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: 'invitations',
    AUTH_JWKS: jwks,
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
    token: (sub, scope) =>
      new SignJWT({ sub, ...(scope === undefined ? {} : { scope }) })
        .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
        .setIssuer(ISSUER)
        .setAudience('invitations')
        .setExpirationTime('2h')
        .sign(privateKey),
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
