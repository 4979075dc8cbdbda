import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface RunningProcess {
  readonly parent: number;
  /** Program and arguments. Outside Linux arguments are split at blanks. */
  readonly command: readonly string[];
}

/** What runs under a pid; undefined when nothing does. A zombie has an empty command. */
export function processOf(pid: number): RunningProcess | undefined {
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
}

function fromProc(pid: number): RunningProcess {
  // proc_pid_stat(5): pid (program) state parent …, and the program's name may itself hold blanks and brackets.
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  return { parent: Number(parent), command };
}

function fromPs(pid: number): RunningProcess {
  const line = execFileSync('ps', ['-ww', '-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8' });
  const [parent, ...command] = line.trim().split(/\s+/);
  return { parent: Number(parent), command };
}
