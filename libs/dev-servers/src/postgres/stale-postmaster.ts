import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { clusterPath } from './cluster.js';

/** A custom setting of the postmaster: the pid of the process that started it. */
export const STARTED_BY = 'dev_servers.started_by';

/** How long each of them may take, in milliseconds: fast shutdown, immediate shutdown, kill. */
const SHUTDOWN_SIGNALS = [
  ['SIGINT', 6_000],
  ['SIGQUIT', 3_000],
  ['SIGKILL', 2_000],
] as const;

const POLL_MS = 20;

/**
 * Stops the postmaster that a killed development server left running on this cluster.
 *
 * The pid file alone is not enough, because pids are reused: only a process that runs postgres on this directory is stopped. A pid
 * file that names another running process is removed, because PostgreSQL would refuse to start.
 * @throws when the process that started the postmaster is still running, or the postmaster does not exit
 */
export async function stopStalePostmaster(home: string): Promise<void> {
  const cluster = clusterPath(home);
  const pidFile = join(cluster, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!(pid > 0)) return;
  const startedBy = readStarterPid(pid, cluster);
  if (startedBy === undefined) {
    if (isRunning(pid)) await rm(pidFile);
    return;
  }
  if (startedBy === findProcess(pid)?.parent) {
    throw new Error(`process ${startedBy} already runs PostgreSQL on ${cluster}`);
  }
  process.stderr.write(`stopping PostgreSQL ${pid}, which an earlier run left running on ${cluster}\n`);
  for (const [signal, timeoutMs] of SHUTDOWN_SIGNALS) {
    process.kill(pid, signal);
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await delay(POLL_MS)) {
      if (readStarterPid(pid, cluster) === undefined) return;
    }
  }
  throw new Error(`PostgreSQL ${pid} on ${cluster} did not stop, not even after SIGKILL`);
}

/** @returns the pid of the process that started the postmaster; undefined when `pid` is not a postmaster of this cluster */
function readStarterPid(pid: number, cluster: string): number | undefined {
  const [program = '', ...args] = findProcess(pid)?.command ?? [];
  const line = args.join(' ');
  if (basename(program) !== 'postgres' || !line.startsWith(`-D ${cluster} -c ${STARTED_BY}=`))
    return undefined;
  return Number.parseInt(line.slice(line.indexOf(`${STARTED_BY}=`) + STARTED_BY.length + 1), 10);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface RunningProcess {
  readonly parent: number;
  /** Program and arguments. Outside Linux, arguments are split at spaces. */
  readonly command: readonly string[];
}

/** @returns undefined when no process has the pid. A zombie has an empty command. */
function findProcess(pid: number): RunningProcess | undefined {
  try {
    return process.platform === 'linux' ? readFromProc(pid) : readFromPs(pid);
  } catch {
    return undefined;
  }
}

function readFromProc(pid: number): RunningProcess {
  // proc_pid_stat(5): pid (program) state parent …, and the program's name may contain spaces and brackets.
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  return { parent: Number(parent), command };
}

function readFromPs(pid: number): RunningProcess {
  const line = execFileSync('ps', ['-ww', '-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8' });
  const [parent, ...command] = line.trim().split(/\s+/);
  return { parent: Number(parent), command };
}
