import { summary, type Summary } from '../support/statistics.js';
import { CONTESTANTS, type Name, type Run } from './contestants.js';
import type { Setting } from './setting.js';

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
  /** Of the same round. */
  readonly ofRaw: Summary;
  readonly ofUnnest: Summary;
  /** Median CPU microseconds an event, by part. */
  readonly cpu: Readonly<Record<string, number>>;
}

const OF_RAW = 0.6;

/** Every contestant once a round: what the machine does meanwhile happens to all of them. */
export async function measureThroughput(
  setting: Setting,
  rounds: number,
  count: number,
  say: (line: string) => void,
): Promise<Throughput> {
  say(`appending ${count} events`);
  const log = await setting.openLog(count);
  const names = Object.keys(CONTESTANTS) as Name[];
  const done: Record<Name, Run>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const runs: Partial<Record<Name, Run>> = {};
    for (const name of names) {
      runs[name] = await CONTESTANTS[name](setting, log, count);
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
