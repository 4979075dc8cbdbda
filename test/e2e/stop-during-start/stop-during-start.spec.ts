import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { APPS, LINK_KEYS, type AppName } from '../../support/deployed.js';
import { minimalEnv } from '../../support/minimal-env.js';

const DIST = resolve(import.meta.dirname, '../../../dist');
const SIGNAL_AT_MODULE = pathToFileURL(join(import.meta.dirname, 'signal-at-module.mjs')).href;

/** Accepts connections and never responds, so no app can begin to work. */
const silent = createServer((socket) => sockets.add(socket));
const sockets = new Set<Socket>();

beforeAll(async () => {
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await once(silent.close(), 'close');
});

const PAGES = 'http://127.0.0.1:3000';
const own = (address: string): Record<AppName, Record<string, string>> => ({
  command: {},
  projector: {},
  notification: {
    SMTP_URL: `smtp://${address}`,
    MAIL_FROM: 'Invitations <invitations@network.example>',
    PUBLIC_URL: PAGES,
    LINK_KEYS,
  },
  api: {
    PUBLIC_URL: PAGES,
    LINK_KEYS,
    INSTANCE_ID: 'test',
    AUTH_ISSUER: 'https://sign-in.example',
    AUTH_AUDIENCE: 'invitations',
    AUTH_JWKS: `http://${address}/jwks.json`,
  },
});

function start(app: AppName, flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const servers = {
    HOST: '127.0.0.1',
    HEALTH_PORT: '0',
    PORT: '0',
    KAFKA_BROKERS: address,
    EVENTSTORE_URL: `esdb://${address}?tls=false`,
    DATABASE_URL: `postgres://nobody@${address}/nothing`,
  };
  const main = join(DIST, `apps/${app}/src/main.js`);
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', ...flags, main], {
    env: { ...minimalEnv(), ...servers, ...own(address)[app], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'close').then(([code, signal]) => ({
    ended: (code ?? signal) as number | NodeJS.Signals,
    fatal: output.split('\n').filter((line) => line.includes('"level":"fatal"')),
    isReady: output.includes('"msg":"ready"'),
  }));
  return { child, ended };
}

const STOPPED = { ended: 0, fatal: [], isReady: false };

describe('an app that receives SIGTERM during its start', () => {
  // Modules 1 and 2 are main.js and the one that handles signals. All later ones take a second, or several on a busy machine.
  it.each(APPS.flatMap((app) => [3, 300, 900].map((at) => [app, at] as const)))(
    'exits 0 and has not begun to work: %s, while it loads module %d',
    async (app, at) => {
      const { ended } = start(app, ['--import', SIGNAL_AT_MODULE], { SIGNAL_AT_MODULE: String(at) });
      expect(await ended).toEqual(STOPPED);
    },
  );

  it.each(APPS)('exits 0 and has not begun to work: %s, while it waits for its servers', async (app) => {
    const { child, ended } = start(app);
    await Promise.race([once(silent, 'connection'), ended]);
    child.kill('SIGTERM');
    expect(await ended).toEqual(STOPPED);
  });
});
