import { readdirSync, readFileSync } from 'node:fs';

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Returns a process and all of its descendants from /proc (Linux). */
export function processTree(root: number): ProcessEntry[] {
  const all = everyProcess();
  const tree = all.filter(({ pid }) => pid === root);
  for (const entry of tree) tree.push(...all.filter(({ parent }) => parent === entry.pid));
  return tree;
}

/** Kills all processes at once, like a power cut. */
export function killTree(root: number): void {
  const pids = processTree(root).map(({ pid }) => pid);
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Returns the processes that still run. A process that only waits to be reaped does not. */
export function alive(pids: readonly number[]): number[] {
  const running = new Set(everyProcess().map(({ pid }) => pid));
  return pids.filter((pid) => running.has(pid));
}

function everyProcess(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name in parentheses may contain anything, including blanks and parentheses.
        const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ');
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        return []; // it has just ended
      }
    });
}
