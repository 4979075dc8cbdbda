import { summary, type Summary } from '../support/statistics.js';
import { CANDIDATES, type Run } from './candidates.js';
import type { Log, BenchHarness } from './bench-harness.js';
import type { Requirement } from './throughput.js';

/** Measures the cost of an event in a short and in a long log. */
export interface Growth {
  readonly sizes: readonly {
    readonly events: number;
    readonly micros: Summary;
    readonly cpu: Summary;
    readonly peakMiB: Summary;
  }[];
  readonly requirements: readonly Requirement[];
  readonly rounds: readonly (readonly [Run, Run])[];
}

const COST_AT_MOST = 1.1;
const MEMORY_AT_MOST = 1.2;

export async function measureGrowth(
  harness: BenchHarness,
  rounds: number,
  sizes: readonly [number, number],
  say: (line: string) => void,
): Promise<Growth> {
  const logs: Log[] = [];
  for (const size of sizes) {
    say(`appending ${size} events`);
    const log = await harness.openLog(size);
    await CANDIDATES.raw(harness, log, size);
    logs.push(log);
  }
  const done: [Run, Run][] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const short = await CANDIDATES.inbox(harness, logs[0]!, sizes[0]);
    const long = await CANDIDATES.inbox(harness, logs[1]!, sizes[1]);
    say(
      `round ${round} of ${rounds}: ${microsOf(short).toFixed(1)} µs an event of ${sizes[0]}, ${microsOf(long).toFixed(1)} of ${sizes[1]}`,
    );
    done.push([short, long]);
  }
  const ratio = (of: (run: Run) => number) => summary(done.map(([short, long]) => of(long) / of(short)));
  const [s, l] = sizes;
  return {
    sizes: sizes.map((events, at) => ({
      events,
      micros: summary(done.map((runs) => microsOf(runs[at]!))),
      cpu: summary(done.map((runs) => runs[at]!.cpu['app']!)),
      peakMiB: summary(done.map((runs) => runs[at]!.peakMiB)),
    })),
    requirements: [
      atMost(`time an event, ${l} / ${s} events`, ratio(microsOf), COST_AT_MOST),
      atMost(
        `CPU an event, ${l} / ${s} events`,
        ratio((run) => run.cpu['app']!),
        COST_AT_MOST,
      ),
      atMost(
        `peak memory, after all / after a fifth of ${l} events`,
        summary(done.map(([, long]) => long.peakMiB / long.earlyPeakMiB)),
        MEMORY_AT_MOST,
      ),
    ],
    rounds: done,
  };
}

const microsOf = (run: Run): number => 1e6 / run.perSecond;

const atMost = (what: string, is: Summary, most: number): Requirement => ({
  what,
  is,
  required: `at most ${most}`,
  met: is.median <= most,
});
