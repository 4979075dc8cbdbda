import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startExternalServers, type ExternalServers } from './external-servers.js';
import { killTree, processTree } from './process-tree.js';
import { COMPILE_CACHE, minimalEnv } from './minimal-env.js';
import { realServers } from './real-servers.js';
import { hasSharedServers, openSharedService } from './shared-servers.js';
import { until } from './until.js';

/** The flags of the npm scripts. */
const FLAGS = ['--disable-warning=TimeoutNegativeWarning'];

/** Far more than the five seconds on an idle machine. Jest's own timeouts are shorter. */
const READY_WITHIN_MS = 300_000;

const PROJECT = resolve(import.meta.dirname, '../..');

export interface Endpoints {
  readonly api: string;
  readonly kafka: string;
  readonly eventStore: string;
  readonly postgres: string;
  readonly mail: string;
}

/** The addresses and credentials that a spec needs for a running service. */
export interface RunningService {
  /** The process that started the apps. */
  readonly pid: number;
  readonly dir: string;
  readonly endpoints: Endpoints;
}

/** A running service that other specs may use at the same time. */
export interface SharedStandalone extends RunningService {
  /** Call this when the spec does not need it any more. */
  stop(): Promise<void>;
}

/** The service as `npm start` starts it, in a folder of its own. */
export interface Standalone extends RunningService {
  /** Milliseconds from the start of the process until it printed that it is ready. */
  readonly readyAfterMs: number;
  output(): string;
  /** Stops the service like Ctrl-C. Returns the exit code. */
  stop(): Promise<number | null>;
  /** Sends SIGKILL to the service and all processes that it started. */
  killAll(): Promise<void>;
  /** Sends SIGKILL to one app, once it runs. Its supervisor starts another. */
  killApp(app: string): Promise<void>;
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'invitations-'));
export const removeFolder = (dir: string): void => rmSync(dir, { recursive: true, force: true });

/** The processes and servers of each folder. */
const running = new Map<string, { pid?: number; servers?: ExternalServers }>();

/**
 * Like `startEmbedded`, but with the servers of TEST_SERVERS and DATABASE_URL in place of embedded ones. These outlive
 * the service, so that the next one in the same folder finds its state; `endStandalone` ends all.
 */
export async function startStandalone(
  dir: string,
  env: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<Standalone> {
  const servers = running.get(dir)?.servers ?? (await startExternalServers());
  running.set(dir, { ...running.get(dir), servers });
  return startEmbedded(dir, { ...servers.env, ...env }, args);
}

/** With this setting, follow-ups are mailed like any other invitation. */
const SHARED_ENV = { INVITATION_MAIL_INTERVAL: 'PT0S' };

/**
 * Returns a running service that the spec shares with others, each with its own members, and does not kill. If the run
 * has other servers than the shared development servers, it is a service of the spec's own.
 */
export async function sharedStandalone(): Promise<SharedStandalone> {
  const isOurs =
    hasSharedServers() &&
    realServers().size === 0 &&
    ['DATABASE_URL', 'EVENTSTORE_COMMAND', 'TEST_DATABASE_SETTINGS'].every((name) => !process.env[name]);
  if (isOurs)
    return {
      ...(await openSharedService<RunningService>({ ...minimalEnv(), ...SHARED_ENV })),
      stop: () => Promise.resolve(),
    };
  const dir = newFolder();
  const { pid, endpoints } = await startStandalone(dir, SHARED_ENV);
  return { dir, pid, endpoints, stop: () => endStandalone(dir) };
}

/** Kills what runs in the folder, stops its servers, and deletes it. */
export async function endStandalone(dir: string): Promise<void> {
  const { pid, servers } = running.get(dir) ?? {};
  running.delete(dir);
  if (pid !== undefined) killTree(pid);
  await servers?.stop();
  removeFolder(dir);
}

/** Starts the service with embedded servers, except for those with addresses in `env`. */
export async function startEmbedded(
  dir: string,
  env: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<Standalone> {
  const since = performance.now();
  const child = spawn(
    process.execPath,
    [...FLAGS, join(PROJECT, 'dist/apps/standalone/src/main.js'), ...args],
    {
      env: { ...plainEnv(), ...COMPILE_CACHE, STANDALONE_DIR: dir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const pid = child.pid!;
  running.set(dir, { ...running.get(dir), pid });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const exited = once(child, 'exit').then(([code]: number[]) => code ?? null);
  let gone = false;
  void exited.then(() => (gone = true));
  await until(
    () => gone || output.includes('is ready after'),
    READY_WITHIN_MS,
    () => `standalone is not ready:\n${output}`,
  );
  if (gone) throw new Error(`standalone has ended:\n${output}`);
  return {
    pid,
    dir,
    readyAfterMs: performance.now() - since,
    endpoints: JSON.parse(readFileSync(join(dir, 'endpoints.json'), 'utf8')) as Endpoints,
    output: () => output,
    stop() {
      child.kill('SIGINT');
      return exited;
    },
    async killAll() {
      killTree(pid);
      await exited;
    },
    async killApp(app) {
      const find = () => processTree(pid).find(({ command }) => command.includes(`apps/${app}/src/main.js`));
      await until(() => find() !== undefined, 30_000, `a process of ${app}`);
      process.kill(find()!.pid, 'SIGKILL');
    },
  };
}

/** Runs a built command to its end. */
export async function runMain(main: string, dir: string, args: string[] = []) {
  const child = spawn(process.execPath, [...FLAGS, join(PROJECT, 'dist', main), ...args], {
    env: { ...plainEnv(), ...COMPILE_CACHE, STANDALONE_DIR: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** Variables of the test runner and for tests. */
const NOT_PASSED_ON = [
  'NODE_OPTIONS',
  'NODE_ENV',
  'EVENTSTORE_URL',
  'KAFKA_BROKERS',
  'DATABASE_URL',
  'SMTP_URL',
  'MAIL_URL',
];

function plainEnv(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_PASSED_ON.includes(name)));
}
