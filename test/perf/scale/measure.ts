import { readFileSync } from 'node:fs';
import type { CpuQuotas } from '../support/cpu-quota.js';
import { summary, type Summary } from '../support/statistics.js';
import type { ScaledApp } from './scaled-app.js';

export interface ScaleRun {
  readonly replicas: number;
  readonly perSecond: number;
  /** The part of the machine's CPU time that was used. Near 1, the servers were the limit. */
  readonly busy: number;
}

export interface Scale {
  readonly name: string;
  readonly unit: string;
  /** The quota of each replica in cores; none if quotas were not wanted. */
  readonly cores?: number;
  readonly rates: readonly {
    readonly replicas: number;
    readonly perSecond: Summary;
    readonly speedUp: Summary;
    readonly busy: Summary;
  }[];
  readonly rounds: readonly (readonly ScaleRun[])[];
}

/**
 * Measures an app with each number of replicas once a round.
 * @param quotas undefined if replicas have no limit, which proves nothing
 * @param count work of one replica: several replicas get as many times as much
 */
export async function measureScale(
  app: ScaledApp,
  quotas: CpuQuotas | undefined,
  rounds: number,
  count: number,
  sizes: readonly number[],
  say: (line: string) => void,
): Promise<Scale> {
  const done: ScaleRun[][] = [];
  let works = 0;
  for (let round = 1; round <= rounds; round += 1) {
    const ofRound: ScaleRun[] = [];
    for (const replicas of sizes) {
      const run = await runReplicas(app, quotas, replicas, works, count * replicas);
      works += 2;
      say(
        `round ${round} of ${rounds}, ${app.name} × ${replicas}: ${Math.round(run.perSecond)} ${app.unit}/s, ` +
          `${Math.round(run.busy * 100)} % of the machine busy`,
      );
      ofRound.push(run);
    }
    done.push(ofRound);
  }
  return {
    name: app.name,
    unit: app.unit,
    ...(quotas && { cores: app.cores }),
    rates: sizes.map((replicas, at) => ({
      replicas,
      perSecond: summary(done.map((ofRound) => ofRound[at]!.perSecond)),
      speedUp: summary(done.map((ofRound) => ofRound[at]!.perSecond / ofRound[0]!.perSecond)),
      busy: summary(done.map((ofRound) => ofRound[at]!.busy)),
    })),
    rounds: done,
  };
}

/**
 * The replicas start and warm up without a limit, are paused (SIGSTOP) while the work is written, and continue with
 * their quotas.
 */
async function runReplicas(
  app: ScaledApp,
  quotas: CpuQuotas | undefined,
  replicas: number,
  work: number,
  count: number,
): Promise<ScaleRun> {
  const children = app.start(replicas);
  const during = <T>(waited: Promise<T>) => children.reduce((all, child) => child.during(all), waited);
  const groups =
    quotas === undefined ? [] : await Promise.all(children.map(({ pid }) => quotas.quotaOf(pid)));
  await during(app.untilShared(replicas));
  await app.give(work, Math.ceil(count / 5));
  await during(app.untilDone());
  for (const { pid } of children) process.kill(pid, 'SIGSTOP');
  await app.give(work + 1, count);
  await Promise.all(groups.map((group) => group.limit(app.cores)));
  const [since, before] = [performance.now(), readMachine()];
  for (const { pid } of children) process.kill(pid, 'SIGCONT');
  await during(app.untilDone());
  const [until, after] = [performance.now(), readMachine()];
  await Promise.all(groups.map((group) => group.unlimit()));
  await Promise.all(children.map((child) => child.stop()));
  await Promise.all(groups.map((group) => group.remove()));
  return {
    replicas,
    perSecond: count / ((until - since) / 1_000),
    busy: 1 - (after.idle - before.idle) / (after.all - before.all),
  };
}

/** Reads the CPU time of the machine since its start, in ticks. */
function readMachine(): { readonly idle: number; readonly all: number } {
  const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/);
  const ticks = fields.slice(0, 8).map(Number);
  // The fourth is idle, the fifth waits for a disk.
  return { idle: ticks[3]! + ticks[4]!, all: ticks.reduce((sum, one) => sum + one, 0) };
}
