import { spread, summary, type Summary } from '../support/statistics.js';
import { table } from '../support/table.js';
import type { Candidate } from './candidates.js';
import type { LoadResult } from './load.js';

/** With the CPU microseconds for each response, of the process under test and of PostgreSQL. */
export type Measured = LoadResult & { readonly processMicros: number; readonly postgresMicros: number };
export type Measurements = ReadonlyMap<Candidate, readonly Measured[]>;

/** A ratio of two candidates in the same round. */
export interface Requirement {
  readonly what: string;
  readonly ratio: Summary;
  readonly required: string;
  readonly met: boolean;
}

export function requirementsOf(all: Measurements): Requirement[] {
  const ratio = (
    of: (measured: Measured) => number,
    one: Candidate,
    other: Candidate,
  ): Summary | undefined => {
    const [ones, others] = [all.get(one), all.get(other)];
    if (ones === undefined || others === undefined) return undefined;
    return summary(ones.map((measured, round) => of(measured) / of(others[round]!)));
  };
  const rate = ({ perSecond }: Measured) => perSecond;
  const atLeast = (what: string, found: Summary | undefined, least: number) =>
    found === undefined
      ? []
      : [{ what, ratio: found, required: `at least ${least}`, met: found.median >= least }];
  const postgres = ratio(({ postgresMicros }) => postgresMicros, 'inbox', 'pg, planned');
  return [
    ...atLeast('inbox of constant', ratio(rate, 'inbox', 'constant'), 0.12),
    ...atLeast('inbox of pg', ratio(rate, 'inbox', 'pg'), 0.6),
    ...(postgres === undefined
      ? []
      : [
          {
            what: 'PostgreSQL µs, inbox of pg, planned',
            ratio: postgres,
            required: `at most ${MOST_OF_PLANNED}`,
            met: postgres.median <= MOST_OF_PLANNED,
          },
        ]),
  ];
}

/** 250 µs where a page took 600 µs while each was planned. */
const MOST_OF_PLANNED = 0.42;

export function report(all: Measurements, requirements: readonly Requirement[]): string {
  const of = (results: readonly Measured[], value: (result: Measured) => number, digits: number) =>
    spread(summary(results.map(value)), digits);
  const rows = [...all].map(([name, results]) => [
    name,
    of(results, ({ perSecond }) => perSecond, 0),
    of(results, ({ p50 }) => p50, 1),
    of(results, ({ p99 }) => p99, 1),
    of(results, ({ processMicros }) => processMicros, 0),
    of(results, ({ postgresMicros }) => postgresMicros, 0),
  ]);
  const rates = table(['load', 'a second', 'p50 ms', 'p99 ms', 'process µs', 'PostgreSQL µs'], rows);
  if (requirements.length === 0) return rates;
  const required = requirements.map(({ what, ratio, required, met }) => [
    what,
    spread(ratio, 3),
    required,
    met ? 'met' : 'MISSED',
  ]);
  return `${rates}\n\n${table(['required', 'is', 'must be', ''], required)}`;
}
