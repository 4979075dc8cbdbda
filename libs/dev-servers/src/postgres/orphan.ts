import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { clusterOf } from './cluster.js';
import { processOf } from './process-of.js';

/** The custom setting in which a postmaster carries the pid of the process that started it. */
export const STARTED_BY = 'dev_servers.started_by';

/** How long each way of asking may take, in milliseconds: fast shutdown, immediate shutdown, the end. */
const WAYS_TO_STOP = [
  ['SIGINT', 6_000],
  ['SIGQUIT', 3_000],
  ['SIGKILL', 2_000],
] as const;

const POLL_MS = 20;

/**
 * Stops the postmaster that a killed development server left behind on this cluster.
 *
 * The pid file alone proves nothing, because pids are reused: only a process that runs postgres on this very
 * directory is touched. If a stale file names any other living process it is removed, since PostgreSQL itself would
 * refuse to start.
 * @throws when the postmaster's starter still lives, or it does not end
 */
export async function stopOrphan(home: string): Promise<void> {
  const cluster = clusterOf(home);
  const pidFile = join(cluster, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!(pid > 0)) return;
  const startedBy = starterOf(pid, cluster);
  if (startedBy === undefined) {
    if (isAlive(pid)) await rm(pidFile);
    return;
  }
  if (startedBy === processOf(pid)?.parent) {
    throw new Error(`process ${startedBy} already runs PostgreSQL on ${cluster}`);
  }
  process.stderr.write(`stopping PostgreSQL ${pid}, which an earlier run left behind on ${cluster}\n`);
  for (const [signal, patienceMs] of WAYS_TO_STOP) {
    process.kill(pid, signal);
    for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await delay(POLL_MS)) {
      if (starterOf(pid, cluster) === undefined) return;
    }
  }
  throw new Error(`PostgreSQL ${pid} on ${cluster} does not stop`);
}

/** Whose child the process was, or undefined when it is no postmaster of this cluster. */
function starterOf(pid: number, cluster: string): number | undefined {
  const [program = '', ...args] = processOf(pid)?.command ?? [];
  const line = args.join(' ');
  if (basename(program) !== 'postgres' || !line.startsWith(`-D ${cluster} -c ${STARTED_BY}=`))
    return undefined;
  return Number.parseInt(line.slice(line.indexOf(`${STARTED_BY}=`) + STARTED_BY.length + 1), 10);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
