import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { killTree, processTree } from './process-tree.js';
import { until } from './until.js';

/** As the npm scripts give them. */
const FLAGS = ['--disable-warning=TimeoutNegativeWarning'];

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

export async function startStandalone(
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
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const exited = once(child, 'exit').then(([code]: number[]) => code ?? null);
  let gone = false;
  void exited.then(() => (gone = true));
  await until(
    () => gone || output.includes('is ready after'),
    300_000,
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

/** Without what the test runner put there. */
function plainEnv(): Record<string, string | undefined> {
  const { NODE_OPTIONS: _options, NODE_ENV: _env, ...rest } = process.env;
  return rest;
}
