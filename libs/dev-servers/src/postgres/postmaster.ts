import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { listen, LOOPBACK } from '../process/listen.js';
import type { DatabaseUser } from './database-user.js';
import type { Programs } from './programs.js';
import { STARTED_BY } from './stale-postmaster.js';

interface PostmasterSettings {
  readonly cluster: string;
  readonly programs: Programs;
  readonly user: DatabaseUser;
  readonly durable: boolean;
  /** 0 for a free port. */
  readonly preferredPort: number;
}

export interface Postmaster {
  readonly port: number;
  stop(): Promise<void>;
}

/** Commits still reach the operating system, so they survive everything except a crash of the machine. */
const NOT_DURABLE = ['fsync=off', 'full_page_writes=off'];

/** Transient errors: another process has taken the port, or backends of a killed postmaster have not exited yet. */
const TRANSIENT_ERROR = /could not create any TCP\/IP sockets|pre-existing shared memory block/;
const ATTEMPTS = 20;
const RETRY_DELAY_MS = 250;

/** Together less than the ten seconds after which `DevServer.stop` kills this process and would leave the postmaster running. */
const FAST_SHUTDOWN_MS = 5_000;
const IMMEDIATE_SHUTDOWN_MS = 3_000;

const LOG_LINES = 20;
const LOG_CLOSE_TIMEOUT_MS = 1_000;

/**
 * Starts the postmaster and waits until it accepts connections. If the postmaster exits unexpectedly later, this process prints the
 * last lines of its log and exits, too.
 */
export async function startPostmaster(settings: PostmasterSettings): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(settings.preferredPort);
    const child = spawnPostmaster(settings, port);
    const log: string[] = [];
    if (await becomesReady(child, log)) return supervise(child, log, port);
    const lastLines = log.join('\n');
    if (attempt === ATTEMPTS || !TRANSIENT_ERROR.test(lastLines)) {
      throw new Error(`PostgreSQL did not start:\n${lastLines}`);
    }
    await delay(RETRY_DELAY_MS);
  }
}

function spawnPostmaster(
  { cluster, programs, user, durable }: PostmasterSettings,
  port: number,
): ChildProcess {
  const settings = [
    // First, because a stale postmaster is recognized by the directory and this setting.
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
    // In its own process group: Ctrl-C must not stop it before the apps that use it.
    detached: true,
  });
}

/** Collects the last lines of the log. @returns true when the postmaster is ready, false when it has exited */
async function becomesReady(child: ChildProcess, log: string[]): Promise<boolean> {
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

function supervise(child: ChildProcess, log: readonly string[], port: number): Postmaster {
  let stopping = false;
  const closed = once(child, 'close');
  closed.catch(() => undefined);
  const exited = once(child, 'exit').then(async () => {
    // Backends of a killed postmaster may keep its log open for some time.
    await Promise.race([closed, delay(LOG_CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    if (stopping) return;
    process.stderr.write(`PostgreSQL exited unexpectedly; the last lines of its log:\n${log.join('\n')}\n`);
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
