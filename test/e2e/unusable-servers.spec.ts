import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileSync } from 'node:fs';
import { openSecureEventStore } from '../support/secure-event-store.js';
import { openTestEventStore, type TestEventStore } from '../support/event-store.js';
import { minimalEnv } from '../support/minimal-env.js';
import { newFolder, removeFolder } from '../support/standalone.js';

const DIST = fileURLToPath(new URL('../../dist/apps', import.meta.url));
const SECRET = 'Xk9-s3cret';

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
  let secure: TestEventStore;
  let plain: TestEventStore;
  const password = join(dir, 'password');
  let silent: TcpServer;
  let silentPort: number;

  beforeAll(async () => {
    [secure, plain] = await Promise.all([openSecureEventStore(), openTestEventStore()]);
    writeFileSync(password, SECRET);
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    silentPort = (silent.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await Promise.all([secure?.stop(), plain?.stop()]);
    silent.close();
    removeFolder(dir);
  });

  const secureUrl = () => secure.url.replace(/\?.*/, '');
  const caFile = () => new URL(secure.url.replace('esdb:', 'https:')).searchParams.get('tlsCAFile')!;
  const login = () => ({ EVENTSTORE_USERNAME: 'admin', EVENTSTORE_PASSWORD_FILE: password });

  const refused: readonly (readonly [string, () => Record<string, string>, RegExp])[] = [
    [
      'an event store with a certificate of an unknown CA',
      () => ({ EVENTSTORE_URL: secureUrl(), ...login() }),
      /the event store at EVENTSTORE_URL \(esdb:\/\/localhost:\d+\) cannot be used: .*certificate is signed by an authority/,
    ],
    [
      'an event store that does not know the password',
      () => ({ EVENTSTORE_URL: secureUrl(), EVENTSTORE_CA_FILE: caFile(), ...login() }),
      /the event store at EVENTSTORE_URL .* cannot be used: access denied: wrong user name or password/,
    ],
    [
      'an event store that speaks no TLS',
      () => ({ EVENTSTORE_URL: plain.url.replace(/\?.*/, ''), ...login() }),
      /the event store at EVENTSTORE_URL .* cannot be used: .*the server does not speak TLS/,
    ],
    [
      'an event store that wants TLS',
      () => ({ EVENTSTORE_URL: `${secureUrl()}?tls=false` }),
      /the event store at EVENTSTORE_URL .* cannot be used: .*the server closes connections without TLS/,
    ],
    [
      'a missing file of a CA',
      () => ({ EVENTSTORE_URL: secureUrl(), EVENTSTORE_CA_FILE: join(dir, 'missing'), ...login() }),
      /the event store at EVENTSTORE_URL .* cannot be used: the file that EVENTSTORE_CA_FILE names cannot be read/,
    ],
    [
      'an unknown option for the event store',
      () => ({ EVENTSTORE_URL: `esdb://admin:${SECRET}@127.0.0.1:9?tlsCaFil=x` }),
      /the event store at EVENTSTORE_URL \(esdb:\/\/admin@127.* cannot be used: .*an option tlsCaFil that the client does not know/,
    ],
    [
      'a cluster of event stores that refuse connections',
      () => ({ EVENTSTORE_URL: `esdb+discover://admin:${SECRET}@127.0.0.1:9,127.0.0.1:19` }),
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
      EVENTSTORE_URL: secureUrl(),
      ...login(),
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
