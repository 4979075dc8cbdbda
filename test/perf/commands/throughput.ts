import { summary, type Summary } from '../support/statistics.js';
import type { Stretch } from '../support/meter.js';
import { CANDIDATES, type Counts, type Name } from './candidates.js';
import type { BenchHarness } from './bench-harness.js';

/** A required ratio to the rate of another candidate in the same round. */
const REQUIRED: Partial<Record<Name, { readonly of: Name; readonly atLeast: number }[]>> = {
  different: [
    { of: 'raw', atLeast: 0.7 },
    { of: 'naive', atLeast: 8 },
  ],
  'different, encrypted': [{ of: 'different', atLeast: 0.95 }],
  many: [{ of: 'raw', atLeast: 1.5 }],
};

export interface Rate {
  readonly name: Name;
  readonly perSecond: Summary;
  /** CPU microseconds for each command, by part: the median of the rounds. */
  readonly cpu: Readonly<Record<string, number>>;
  /** The ratio to the raw client's rate in the same round. */
  readonly ofRaw: Summary;
}

export interface Requirement {
  readonly what: string;
  readonly ratio: Summary;
  readonly required: string;
  readonly met: boolean;
}

export interface Throughput {
  readonly rates: readonly Rate[];
  readonly requirements: readonly Requirement[];
  readonly rounds: readonly Record<Name, Stretch>[];
  /** Refused commands of the app. There must be none, because a refusal appends nothing. */
  readonly refused: number;
}

/** Runs every candidate once a round, so that other load on the machine affects all of them. */
export async function measureThroughput(
  harness: BenchHarness,
  rounds: number,
  counts: Counts,
  say: (line: string) => void,
): Promise<Throughput> {
  const names = Object.keys(CANDIDATES) as Name[];
  const done: Record<Name, Stretch>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const stretches: Partial<Record<Name, Stretch>> = {};
    for (const name of names) {
      const stretch = await CANDIDATES[name](harness, round, counts);
      stretches[name] = stretch;
      say(`round ${round} of ${rounds}, ${name}: ${Math.round(stretch.perSecond)}/s`);
    }
    done.push(stretches as Record<Name, Stretch>);
  }
  const { rows } = await harness.db.query<{ refused: number }>(
    'SELECT count(*)::int AS refused FROM read_models.command_outcomes WHERE refusal IS NOT NULL',
  );
  return {
    rates: names.map((name) => rateOf(name, done)),
    requirements: requirementsOf(done),
    rounds: done,
    refused: rows[0]!.refused,
  };
}

function rateOf(name: Name, rounds: readonly Record<Name, Stretch>[]): Rate {
  const parts = Object.keys(rounds[0]![name].cpu);
  return {
    name,
    perSecond: summary(rounds.map((round) => round[name].perSecond)),
    cpu: Object.fromEntries(
      parts.map((part) => [part, summary(rounds.map((round) => round[name].cpu[part]!)).median]),
    ),
    ofRaw: ratio(rounds, name, 'raw'),
  };
}

function requirementsOf(rounds: readonly Record<Name, Stretch>[]): Requirement[] {
  return Object.entries(REQUIRED).flatMap(([name, required]) =>
    required.map(({ of, atLeast }) => {
      const is = ratio(rounds, name as Name, of);
      return {
        what: `${name} / ${of}`,
        ratio: is,
        required: `at least ${atLeast}`,
        met: is.median >= atLeast,
      };
    }),
  );
}

const ratio = (rounds: readonly Record<Name, Stretch>[], name: Name, of: Name): Summary =>
  summary(rounds.map((round) => round[name].perSecond / round[of].perSecond));
