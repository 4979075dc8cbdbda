import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import tlsOptions from 'smtp-server/lib/tls-options.js';
import { minimalEnv } from '../support/minimal-env.js';
import { newFolder, removeFolder } from '../support/standalone.js';

const DIST = fileURLToPath(new URL('../../dist/apps', import.meta.url));
const SECRET = 'Xk9-s3cret';

/** An event store that does not know the user. */
async function secureEventStore(): Promise<{ port: number; plainPort: number; stop(): void }> {
  const server = new Server();
  const read = {
    path: '/event_store.client.streams.Streams/Read',
    requestStream: false,
    responseStream: true,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  };
  server.addService(
    { read },
    {
      read: (call: { emit(name: 'error', error: object): void }) =>
        call.emit('error', { code: status.UNAUTHENTICATED, details: 'Unauthenticated' }),
    },
  );
  const { key, cert } = tlsOptions() as { key: string; cert: string };
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) };
  const bind = (address: string, credentials: ServerCredentials) =>
    new Promise<number>((resolve, reject) => {
      server.bindAsync(address, credentials, (error, port) => (error ? reject(error) : resolve(port)));
    });
  const port = await bind('127.0.0.1:0', ServerCredentials.createSsl(null, [pair]));
  const plainPort = await bind('127.0.0.1:0', ServerCredentials.createInsecure());
  return { port, plainPort, stop: () => server.forceShutdown() };
}

/** Runs a built program until its output matches a pattern, or it ends. Measures the time from its first output. */
async function run(main: string, env: Record<string, string>, pattern: RegExp) {
  let beganAt: number | undefined;
  const child = spawn(process.execPath, [join(DIST, main)], {
    env: { ...minimalEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let output = '';
  const said = new Promise<number>((resolve) => {
    const onData = (data: Buffer) => {
      // The time to load a program on a busy machine does not count.
      beganAt ??= performance.now();
      output += String(data);
      if (pattern.test(output)) resolve(performance.now() - beganAt);
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
  });
  const seconds = (await Promise.race([said, exited.then(() => 0)])) / 1_000;
  return {
    get output() {
      return output;
    },
    seconds,
    exited,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

describe('an unusable server', () => {
  const dir = newFolder();
  let eventStore: Awaited<ReturnType<typeof secureEventStore>>;
  let silent: TcpServer;
  let silentPort: number;

  beforeAll(async () => {
    eventStore = await secureEventStore();
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    silentPort = (silent.address() as AddressInfo).port;
  });
  afterAll(() => {
    eventStore.stop();
    silent.close();
    removeFolder(dir);
  });

  const refused: readonly (readonly [string, () => Record<string, string>, RegExp])[] = [
    [
      'an event store with a certificate of an unknown CA',
      () => ({ EVENTSTORE_URL: `esdb://admin:${SECRET}@127.0.0.1:${eventStore.port}` }),
      /the event store at EVENTSTORE_URL \(esdb:\/\/admin@127\.0\.0\.1:\d+\) cannot be used: .*(self-signed|certificate)/,
    ],
    [
      'an event store that does not know the password',
      () => ({ EVENTSTORE_URL: `esdb://admin:${SECRET}@127.0.0.1:${eventStore.plainPort}?tls=false` }),
      /the event store at EVENTSTORE_URL .* cannot be used: access denied: wrong user name or password/,
    ],
    [
      'a cluster of event stores that refuse connections',
      () => ({ EVENTSTORE_URL: `esdb+discover://admin:${SECRET}@127.0.0.1:9,127.0.0.1:19?tls=false` }),
      /the event store at EVENTSTORE_URL .* cannot be used: .*ECONNREFUSED 127\.0\.0\.1:9; .*ECONNREFUSED 127\.0\.0\.1:19/,
    ],
    [
      'a broker that refuses connections',
      () => ({ KAFKA_BROKERS: '127.0.0.1:9' }),
      /Kafka at KAFKA_BROKERS \(127\.0\.0\.1:9\) cannot be used: .*ECONNREFUSED/,
    ],
    [
      'a PostgreSQL that refuses connections',
      () => ({ DATABASE_URL: `postgres://anna:${SECRET}@127.0.0.1:9/d` }),
      /PostgreSQL at DATABASE_URL \(postgres:\/\/anna@127\.0\.0\.1:9\/d\) cannot be used: .*ECONNREFUSED/,
    ],
    [
      'an SMTP server that refuses connections',
      () => ({ SMTP_URL: `smtp://anna:${SECRET}@127.0.0.1:9`, MAIL_URL: 'http://127.0.0.1:9' }),
      /the SMTP server at SMTP_URL \(smtp:\/\/anna@127\.0\.0\.1:9\) cannot be used: .*ECONNREFUSED/,
    ],
  ];

  it.each(refused)(
    'ends npm start within 5 s with its name and the reason: %s',
    async (_what, env, pattern) => {
      const start = await run('standalone/src/main.js', { ...env(), STANDALONE_DIR: dir }, pattern);
      expect(start.output).toMatch(pattern);
      expect(start.seconds).toBeLessThan(5);
      expect(await start.exited).toBe(1);
      expect(start.output).not.toContain(SECRET);
    },
  );

  it('is named by npm start within 5 s if it does not respond, and waited for', async () => {
    const pattern = /PostgreSQL at DATABASE_URL .* cannot be used: .*; waiting for it/;
    const env = { DATABASE_URL: `postgres://anna:${SECRET}@127.0.0.1:${silentPort}/d`, STANDALONE_DIR: dir };
    const start = await run('standalone/src/main.js', env, pattern);
    try {
      expect(start.output).toMatch(pattern);
      expect(start.seconds).toBeLessThan(5);
    } finally {
      await start.kill();
    }
  });

  it('is named in the log of an app within 5 s', async () => {
    const pattern = /the event store at EVENTSTORE_URL .* cannot be used: .*certificate/;
    const env = {
      EVENTSTORE_URL: `esdb://admin:${SECRET}@127.0.0.1:${eventStore.port}`,
      KAFKA_BROKERS: '127.0.0.1:9',
      DATABASE_URL: `postgres://anna:${SECRET}@127.0.0.1:9/d`,
      HEALTH_PORT: '0',
    };
    const app = await run('command/src/main.js', env, pattern);
    try {
      expect(app.output).toMatch(pattern);
      expect(app.seconds).toBeLessThan(5);
      expect(app.output).toMatch(/Kafka at KAFKA_BROKERS .* cannot be used/);
      expect(app.output).not.toContain(SECRET);
    } finally {
      await app.kill();
    }
  });
});
