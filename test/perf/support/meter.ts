import { readFileSync } from 'node:fs';
import { processTree } from '../../support/process-tree.js';

/** Linux counts CPU time in ticks of 10 ms on every machine (USER_HZ). */
const MICROS_A_TICK = 10_000;

/** The time, and the CPU time of each part up to now in microseconds. */
export interface Mark {
  readonly atMs: number;
  readonly cpu: ReadonlyMap<string, number>;
}

/** The difference between two marks. */
export interface Stretch {
  readonly commands: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** CPU microseconds for each command, by part. */
  readonly cpu: Readonly<Record<string, number>>;
}

/** Reads the clock and the CPU time of processes. */
export class Meter {
  /** @param parts process ids by name, each including its descendants */
  constructor(private readonly parts: Readonly<Record<string, number>>) {}

  mark(): Mark {
    const cpu = new Map(Object.entries(this.parts).map(([part, pid]) => [part, cpuMicrosOf(pid)]));
    return { atMs: performance.now(), cpu };
  }
}

export function between(begin: Mark, end: Mark, commands: number): Stretch {
  const seconds = (end.atMs - begin.atMs) / 1_000;
  const cpu = [...end.cpu].map(
    ([part, micros]) => [part, (micros - begin.cpu.get(part)!) / commands] as const,
  );
  return { commands, seconds, perSecond: commands / seconds, cpu: Object.fromEntries(cpu) };
}

/** Includes children that have ended, because a PostgreSQL session may be shorter than a round. */
function cpuMicrosOf(pid: number): number {
  return processTree(pid).reduce((sum, { pid: one }) => sum + ticksOf(one) * MICROS_A_TICK, 0);
}

function ticksOf(pid: number): number {
  try {
    // The name in parentheses may contain blanks. The fields after it start with the third; utime, stime and those of
    // ended children start with the 14th.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
  } catch {
    return 0; // it has just ended, and its parent has its time
  }
}

/** Returns the peak of a process's resident memory in MiB. */
export function peakMiB(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}
