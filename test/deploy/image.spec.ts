import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { createLogger } from '#libs/platform';
import { createTopics } from '../../apps/standalone/src/servers/topics.js';
import { eventStoreUnderTest } from '../support/event-store.js';
import { kafkaUnderTest } from '../support/kafka.js';
import { postgresUnderTest } from '../support/postgres.js';
import { newFolder, removeFolder } from '../support/standalone.js';
import { until } from '../support/until.js';
import { freePort } from './support/free-port.js';
import { instructionsOf, last, stagesOf } from './support/dockerfile.js';
import { textOf } from './support/files.js';
import { layOutImage } from './support/image-folder.js';
import type { AppName } from './support/workloads.js';

const stages = stagesOf(textOf('deploy/Dockerfile'));
const entrypoint = (target: string) =>
  JSON.parse(last(instructionsOf(stages, target), 'ENTRYPOINT')!) as string[];
const command = (target: string) => JSON.parse(last(instructionsOf(stages, target), 'CMD')!) as string[];

/** The images' files, against real servers: production packages only, and no development server anywhere. */
describe('an image', () => {
  const state = newFolder();
  const keySet = join(state, 'jwks.json');
  const folders: string[] = [];
  const children: ChildProcess[] = [];
  const running: { stop(): Promise<void> }[] = [];
  let servers: Record<string, string>;

  beforeAll(async () => {
    const { publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    writeFileSync(keySet, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] }));
    const kept = async <Server extends { stop(): Promise<void> }>(starting: Promise<Server>) => {
      const server = await starting;
      running.push(server);
      return server;
    };
    const [eventStore, kafka, postgres] = await Promise.all([
      kept(eventStoreUnderTest()),
      kept(kafkaUnderTest()),
      kept(postgresUnderTest()),
    ]);
    const brokers = kafka.brokers.join(',');
    await createTopics(brokers, createLogger('test'));
    servers = { KAFKA_BROKERS: brokers, EVENTSTORE_URL: eventStore.url, DATABASE_URL: postgres.url };
  });

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(running.map((server) => server.stop()));
    for (const folder of [state, ...folders]) removeFolder(folder);
  });

  function start(target: string, env: Record<string, string>, args = command(target)) {
    const folder = newFolder();
    folders.push(folder);
    layOutImage(target, folder);
    const [, ...flags] = entrypoint(target);
    const child = spawn(
      process.execPath,
      // The links to packages stay where they are, so that these find each other in this folder and nowhere else.
      ['--preserve-symlinks', '--preserve-symlinks-main', ...flags, ...args],
      {
        cwd: folder,
        env: { NODE_ENV: 'production', LOG_LEVEL: 'warn', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const exited = once(child, 'exit').then(([code]: number[]) => code ?? null);
    return { child, folder, exited, output: () => output };
  }

  const own: Record<AppName, () => Record<string, string>> = {
    command: () => ({}),
    projector: () => ({}),
    notification: () => ({
      SMTP_URL: 'smtp://127.0.0.1:1',
      MAIL_FROM: 'Invitations <invitations@network.example>',
      PUBLIC_URL: 'http://127.0.0.1:3000',
      LINK_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64url')}`,
    }),
    api: () => ({
      HOST: '127.0.0.1',
      PUBLIC_URL: 'http://127.0.0.1:3000',
      INSTANCE_ID: 'image',
      AUTH_ISSUER: 'http://issuer.example',
      AUTH_AUDIENCE: 'invitations',
      AUTH_JWKS: keySet,
    }),
  };

  it('of the migrations brings both schemas up to date', async () => {
    for (const main of [
      'dist/libs/read-models/src/migrate.main.js',
      'dist/apps/notification/src/migrate.main.js',
    ]) {
      const { exited, output } = start('migrate', servers, [main]);
      expect([await exited, output()]).toEqual([0, '']);
    }
  });

  it.each(Object.keys(own) as AppName[])(
    'has all that its app needs to become ready, and stops it when told: %s',
    async (app) => {
      const port = String(await freePort());
      const env = { ...servers, ...own[app](), HEALTH_PORT: port, PORT: port };
      const { child, exited, output } = start(app, env);
      const isReady = () =>
        fetch(`http://127.0.0.1:${port}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        );
      await until(
        async () => child.exitCode !== null || (await isReady()),
        90_000,
        () => `${app}: ${output()}`,
      );
      expect([child.exitCode, output()]).toEqual([null, expect.any(String)]);
      child.kill('SIGTERM');
      expect(await exited).toBe(0);
    },
    120_000,
  );

  it('has neither development servers nor packages for development', () => {
    const { devDependencies } = JSON.parse(textOf('package.json')) as {
      devDependencies: Record<string, string>;
    };
    for (const folder of folders) {
      expect(existsSync(join(folder, 'dist/libs/dev-servers'))).toBe(false);
      expect(readdirSync(join(folder, 'dist/apps'))).not.toContain('standalone');
      const installed = Object.keys(devDependencies).filter((name) =>
        existsSync(join(folder, 'node_modules', name)),
      );
      // Some packages for development are needed by those of production as well.
      const lock = JSON.parse(textOf('package-lock.json')) as {
        packages: Record<string, { dev?: boolean }>;
      };
      expect(installed.filter((name) => lock.packages[`node_modules/${name}`]?.dev === true)).toEqual([]);
    }
  });
});
