import { summary, type Summary } from '../support/statistics.js';
import { CANDIDATES, type Name, type Run } from './candidates.js';
import type { BenchHarness } from './bench-harness.js';

export interface Requirement {
  readonly what: string;
  readonly is: Summary;
  readonly required: string;
  readonly met: boolean;
}

export interface Throughput {
  readonly count: number;
  readonly rates: readonly Rate[];
  readonly requirements: readonly Requirement[];
  readonly rounds: readonly Record<Name, Run>[];
}

export interface Rate {
  readonly name: Name;
  readonly perSecond: Summary;
  /** Ratios within the same round. */
  readonly ofRaw: Summary;
  readonly ofUnnest: Summary;
  /** Median CPU microseconds for each event, by part. */
  readonly cpu: Readonly<Record<string, number>>;
}

const OF_RAW = 0.85;

/** Runs every candidate once a round, so that other load on the machine affects all of them. */
export async function measureThroughput(
  harness: BenchHarness,
  rounds: number,
  count: number,
  say: (line: string) => void,
): Promise<Throughput> {
  say(`appending ${count} events`);
  const log = await harness.openLog(count);
  const names = Object.keys(CANDIDATES) as Name[];
  const done: Record<Name, Run>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const runs: Partial<Record<Name, Run>> = {};
    for (const name of names) {
      runs[name] = await CANDIDATES[name](harness, log, count);
      say(`round ${round} of ${rounds}, ${name}: ${Math.round(runs[name].perSecond)} events/s`);
    }
    done.push(runs as Record<Name, Run>);
  }
  const ratio = (name: Name, of: Name) =>
    summary(done.map((runs) => runs[name].perSecond / runs[of].perSecond));
  const is = ratio('inbox', 'raw');
  return {
    count,
    rates: names.map((name) => ({
      name,
      perSecond: summary(done.map((runs) => runs[name].perSecond)),
      ofRaw: ratio(name, 'raw'),
      ofUnnest: ratio(name, 'unnest'),
      cpu: Object.fromEntries(
        Object.keys(done[0]![name].cpu).map((part) => [
          part,
          summary(done.map((runs) => runs[name].cpu[part]!)).median,
        ]),
      ),
    })),
    requirements: [{ what: 'inbox / raw', is, required: `at least ${OF_RAW}`, met: is.median >= OF_RAW }],
    rounds: done,
  };
}
