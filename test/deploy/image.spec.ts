import { spawn, type ChildProcess } from 'node:child_process';
import { Topics } from '#libs/contracts';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { createLogger } from '#libs/platform';
import { createTopics } from '../../apps/standalone/src/servers/provisioning.js';
import { openTestEventStore } from '../support/event-store.js';
import { openTestKafka } from '../support/kafka.js';
import { openTestPostgres } from '../support/postgres.js';
import { newFolder, removeFolder } from '../support/standalone.js';
import { until } from '../support/until.js';
import { findFreePort } from '../support/ports.js';
import { instructionsOf, last, stagesOf } from './support/dockerfile.js';
import { textOf } from './support/files.js';
import { installPackages, layOutImage } from './support/image-folder.js';
import type { AppName } from './support/workloads.js';

const stages = stagesOf(textOf('deploy/Dockerfile'));
/** What the entry point passes to Node. */
function nodeFlags(target: string): string[] {
  const entrypoint = JSON.parse(last(instructionsOf(stages, target), 'ENTRYPOINT')!) as string[];
  return entrypoint.slice(entrypoint.indexOf('node') + 1);
}
const command = (target: string) => JSON.parse(last(instructionsOf(stages, target), 'CMD')!) as string[];

/** Starts the files of the images on real servers: with production packages only, and without development servers. */
describe('a built image', () => {
  const state = newFolder();
  const keySet = join(state, 'jwks.json');
  const folders: string[] = [];
  const children: ChildProcess[] = [];
  const running: { stop(): Promise<void> }[] = [];
  let servers: Record<string, string>;
  let packages: string;

  beforeAll(async () => {
    packages = installPackages(state);
    const { publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    writeFileSync(keySet, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] }));
    const kept = async <Server extends { stop(): Promise<void> }>(starting: Promise<Server>) => {
      const server = await starting;
      running.push(server);
      return server;
    };
    const [eventStore, kafka, postgres] = await Promise.all([
      kept(openTestEventStore()),
      kept(openTestKafka()),
      kept(openTestPostgres()),
    ]);
    const brokers = kafka.brokers.join(',');
    await createTopics(new Topics(), brokers, createLogger('test'));
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
    layOutImage(target, folder, packages);
    const child = spawn(
      process.execPath,
      // The links to packages are not resolved, so that packages find each other only in this folder.
      ['--preserve-symlinks', '--preserve-symlinks-main', ...nodeFlags(target), ...args],
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

  const INTERNAL_SECRETS = 's'.repeat(32);
  const TEXT_KEYS = `t1:${Buffer.alloc(32, 6).toString('base64url')}`;
  const own: Record<AppName, () => Record<string, string>> = {
    command: () => ({ TEXT_KEYS }),
    projector: () => ({ TEXT_KEYS }),
    notification: () => ({
      SMTP_URL: 'smtp://127.0.0.1:1',
      MAIL_FROM: 'Invitations <invitations@network.example>',
      PUBLIC_URL: 'https://invitations.example',
      LINK_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64url')}`,
      INTERNAL_SECRETS,
    }),
    api: () => ({
      HOST: '127.0.0.1',
      PUBLIC_URL: 'https://invitations.example',
      INSTANCE_ID: 'image',
      AUTH_ISSUER: 'http://issuer.example',
      AUTH_AUDIENCE: 'invitations',
      AUTH_JWKS: keySet,
      INTERNAL_SECRETS,
    }),
  };

  it('migrates both schemas: migrations', async () => {
    for (const main of [
      'dist/libs/read-models/src/migrate.main.js',
      'dist/apps/notification/src/migrate.main.js',
    ]) {
      const { exited, output } = start('migrate', servers, [main]);
      expect([await exited, output()]).toEqual([0, '']);
    }
  });

  it.each(Object.keys(own) as AppName[])(
    'contains all that its app needs to become ready, and stops it on SIGTERM: %s',
    async (app) => {
      const port = String(await findFreePort());
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

  it('contains the tool that verify --repair runs: replay', async () => {
    const main = 'dist/apps/projector/src/projections.main.js';
    const { exited, output } = start('replay', servers, [main, 'repair-connections']);
    expect([await exited, output()]).toEqual([0, 'no connection is recorded on one side only\n']);
  });

  it('contains neither development servers nor development packages', () => {
    const { devDependencies } = JSON.parse(textOf('package.json')) as {
      devDependencies: Record<string, string>;
    };
    for (const folder of folders) {
      expect(existsSync(join(folder, 'dist/libs/dev-servers'))).toBe(false);
      expect(readdirSync(join(folder, 'dist/apps'))).not.toContain('standalone');
      const installed = Object.keys(devDependencies).filter((name) =>
        existsSync(join(folder, 'node_modules', name)),
      );
      // Some development packages are also dependencies of production packages.
      const lock = JSON.parse(textOf('package-lock.json')) as {
        packages: Record<string, { dev?: boolean }>;
      };
      expect(installed.filter((name) => lock.packages[`node_modules/${name}`]?.dev === true)).toEqual([]);
    }
  });

  it('contains no types, source maps, documents or tests of packages, but their licences', () => {
    const files = readdirSync(packages, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.(d\.ts|map)$|readme\.md$|^fastify\/(test|docs)\//i.test(file))).toEqual(
      [],
    );
    expect(files).toEqual(expect.arrayContaining(['fastify/LICENSE', 'ms/license.md']));
  });
});
