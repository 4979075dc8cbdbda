import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { listen, LOOPBACK } from '../process/listen.js';
import { STARTED_BY } from './orphan.js';
import type { Programs } from './programs.js';
import type { RunAs } from './run-as.js';

export interface PostmasterSettings {
  readonly cluster: string;
  readonly programs: Programs;
  readonly user: RunAs;
  readonly durable: boolean;
  /** 0 for any. */
  readonly preferredPort: number;
}

export interface Postmaster {
  readonly port: number;
  stop(): Promise<void>;
}

/** Commits still reach the operating system, so they survive everything but a power failure. */
const NOT_DURABLE = ['fsync=off', 'full_page_writes=off'];

/** What passes by itself: another process took the port, or backends of a killed postmaster are still ending. */
const PASSING = /could not create any TCP\/IP sockets|pre-existing shared memory block/;
const ATTEMPTS = 20;
const PAUSE_MS = 250;

/** Below the ten seconds after which `DevServer.stop` kills us, so that no postmaster is left behind. */
const FAST_SHUTDOWN_MS = 5_000;
const IMMEDIATE_SHUTDOWN_MS = 3_000;

const LOG_LINES = 20;
const LAST_WORDS_MS = 1_000;

/**
 * Starts the postmaster and waits until it accepts connections. If it ends by itself later, so does this process,
 * with the last lines of its log.
 */
export async function startPostmaster(settings: PostmasterSettings): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(settings.preferredPort);
    const child = spawnPostmaster(settings, port);
    const log: string[] = [];
    if (await isReady(child, log)) return guard(child, log, port);
    const lastWords = log.join('\n');
    if (attempt === ATTEMPTS || !PASSING.test(lastWords)) {
      throw new Error(`PostgreSQL did not start:\n${lastWords}`);
    }
    await delay(PAUSE_MS);
  }
}

function spawnPostmaster(
  { cluster, programs, user, durable }: PostmasterSettings,
  port: number,
): ChildProcess {
  const settings = [
    // First, because it identifies an orphan together with the directory.
    `${STARTED_BY}=${process.pid}`,
    `port=${port}`,
    `listen_addresses=${LOOPBACK}`,
    'unix_socket_directories=',
    'max_connections=200',
    'timezone=UTC',
    ...(durable ? [] : NOT_DURABLE),
  ];
  return spawn(programs.postgres, ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])], {
    ...user,
    cwd: cluster,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // Out of the terminal's process group: Ctrl-C must not stop it before the apps that use it.
    detached: true,
  });
}

/** Collects the last lines of the log until the postmaster is ready, which is true, or has ended. */
async function isReady(child: ChildProcess, log: string[]): Promise<boolean> {
  const lines = createInterface(child.stderr!);
  const failed = once(child, 'error').then(([error]) => {
    log.push(String(error));
    return false;
  });
  const ended = once(lines, 'close').then(() => false);
  const ready = new Promise<true>((resolve) => {
    lines.on('line', (line) => {
      log.push(line);
      if (log.length > LOG_LINES) log.shift();
      if (line.endsWith('database system is ready to accept connections')) resolve(true);
    });
  });
  return Promise.race([ready, ended, failed]);
}

function guard(child: ChildProcess, log: readonly string[], port: number): Postmaster {
  let stopping = false;
  const closed = once(child, 'close');
  const exited = once(child, 'exit').then(async () => {
    // Backends of a killed postmaster may hold its log open for a while.
    await Promise.race([closed, delay(LAST_WORDS_MS, undefined, { ref: false })]);
    if (stopping) return;
    process.stderr.write(`PostgreSQL ended by itself:\n${log.join('\n')}\n`);
    process.exit(1);
  });
  return {
    port,
    async stop() {
      stopping = true;
      child.kill('SIGINT');
      const immediate = setTimeout(() => child.kill('SIGQUIT'), FAST_SHUTDOWN_MS);
      const end = setTimeout(() => child.kill('SIGKILL'), FAST_SHUTDOWN_MS + IMMEDIATE_SHUTDOWN_MS);
      await exited;
      clearTimeout(immediate);
      clearTimeout(end);
    },
  };
}

async function freePort(preferred: number): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, preferred);
  probe.close();
  await once(probe, 'close');
  return port;
}
