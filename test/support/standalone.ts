import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { outsideServers, type OutsideServers } from './outside-servers.js';
import { killTree, processTree } from './process-tree.js';
import { until } from './until.js';

/** As the npm scripts give them. */
const FLAGS = ['--disable-warning=TimeoutNegativeWarning'];

/** Five seconds on an idle machine; jest's own limits, which are below this, say what a spec expects. */
const READY_WITHIN_MS = 300_000;

const PROJECT = resolve(import.meta.dirname, '../..');

export interface Endpoints {
  readonly api: string;
  readonly kafka: string;
  readonly eventStore: string;
  readonly postgres: string;
  readonly mail: string;
}

/** The service as `npm start` starts it, in a folder of its own. */
export interface Standalone {
  readonly pid: number;
  readonly dir: string;
  readonly endpoints: Endpoints;
  /** From the start of the process until it said that it is ready, in milliseconds. */
  readonly readyAfterMs: number;
  output(): string;
  /** As Ctrl-C does. Returns the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL to it and all that it started. */
  killAll(): Promise<void>;
  /** SIGKILL to one app, once it runs; its supervisor starts another. */
  killApp(app: string): Promise<void>;
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'invitations-'));
export const removeFolder = (dir: string): void => rmSync(dir, { recursive: true, force: true });

/** What runs for a folder, and goes with it. */
const running = new Map<string, { pid?: number; servers?: OutsideServers }>();

/**
 * As `startEmbedded`, with the servers that TEST_SERVERS and DATABASE_URL ask for in place of embedded ones. These outlive
 * the service, so that a next one in the same folder finds its state; `endStandalone` ends all.
 */
export async function startStandalone(
  dir: string,
  env: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<Standalone> {
  const servers = running.get(dir)?.servers ?? (await outsideServers());
  running.set(dir, { ...running.get(dir), servers });
  return startEmbedded(dir, { ...servers.env, ...env }, args);
}

/** Kills what runs in the folder, stops the servers that it was given, and removes it. */
export async function endStandalone(dir: string): Promise<void> {
  const { pid, servers } = running.get(dir) ?? {};
  running.delete(dir);
  if (pid !== undefined) killTree(pid);
  await servers?.stop();
  removeFolder(dir);
}

/** With its embedded servers, save for those whose addresses are in `env`. */
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
      env: { ...plainEnv(), STANDALONE_DIR: dir, ...env },
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

/** Runs one of the built commands to its end. */
export async function runMain(main: string, dir: string, args: string[] = []) {
  const child = spawn(process.execPath, [...FLAGS, join(PROJECT, 'dist', main), ...args], {
    env: { ...plainEnv(), STANDALONE_DIR: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** What the test runner put there, and what is for tests. */
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
