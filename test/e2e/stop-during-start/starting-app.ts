import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { LINK_KEYS, type AppName } from '../../support/deployed.js';
import { minimalEnv } from '../../support/minimal-env.js';

const DIST = resolve(import.meta.dirname, '../../../dist');
const PAGES = 'http://127.0.0.1:3000';

/** What an app does when it is stopped before it has begun to work. */
export const STOPPED = { ended: 0, fatal: [], isReady: false };

const settingsOf = (address: string): Record<AppName, Record<string, string>> => ({
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

interface StartingApp {
  readonly child: ChildProcess;
  /** Resolves when the process has ended. */
  readonly ended: Promise<{ ended: number | NodeJS.Signals; fatal: string[]; isReady: boolean }>;
}

/** Accepts connections and never responds, so no app can begin to work. */
export class SilentServer {
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => this.sockets.add(socket));

  async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async connection(): Promise<void> {
    await once(this.server, 'connection');
  }

  /** Starts an app for which every server is this one. */
  start(
    app: AppName,
    flags: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): StartingApp {
    const address = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
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
      env: { ...minimalEnv(), ...servers, ...settingsOf(address)[app], ...env },
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

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await once(this.server.close(), 'close');
  }
}
