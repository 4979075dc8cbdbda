import { spread, type Summary } from '../support/statistics.js';
import { table } from '../support/table.js';
import type { Scale } from './measure.js';

/** The least speed-up of each number of replicas. */
const AT_LEAST: readonly (readonly [number, number])[] = [
  [2, 1.8],
  [4, 3.4],
];

export interface Results {
  readonly startedAt: string;
  readonly node: string;
  readonly cores: number;
  readonly apps: readonly Scale[];
}

interface Requirement {
  readonly what: string;
  readonly is: Summary;
  readonly required: string;
  readonly met: boolean;
}

export const requirementsOf = ({ apps }: Results): Requirement[] =>
  apps.flatMap(({ name, rates }) =>
    AT_LEAST.flatMap(([replicas, least]) =>
      rates
        .filter((rate) => rate.replicas === replicas)
        .map(({ speedUp }) => ({
          what: `${name}, ${replicas} replicas / 1`,
          is: speedUp,
          required: `at least ${least}`,
          met: speedUp.median >= least,
        })),
    ),
  );

/** Formats the results for a reader. */
export function report(results: Results): string {
  return [
    ...results.apps.map(({ name, unit, cores, rates }) =>
      table(
        [
          `${name}, ${cores === undefined ? 'no quota' : `${cores} cores each`}`,
          `${unit}/s`,
          'speed-up',
          'machine busy',
        ],
        rates.map(({ replicas, perSecond, speedUp, busy }) => [
          String(replicas),
          spread(perSecond, 0),
          spread(speedUp, 2),
          spread(busy, 2),
        ]),
      ),
    ),
    table(
      ['required', 'is', 'must be', ''],
      requirementsOf(results).map(({ what, is, required, met }) => [
        what,
        spread(is, 2),
        required,
        met ? 'met' : 'MISSED',
      ]),
    ),
  ].join('\n\n');
}
