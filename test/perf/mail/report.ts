import { spread, type Summary, summary } from '../support/statistics.js';
import { table } from '../support/table.js';
import type { Measured } from './candidates.js';

/** The required ratio to the raw client's rate in the same round. */
export const AT_LEAST = 0.8;

export interface Round {
  readonly raw: Measured;
  readonly app: Measured;
}

/** All measurements. */
export interface Results {
  readonly startedAt: string;
  readonly node: string;
  readonly cores: number;
  readonly connections: number;
  readonly rounds: readonly Round[];
  readonly ratio: Summary;
  readonly met: boolean;
  /** Rows of the ledger in unexpected states. If there are any, the measurement is invalid. */
  readonly notSent: Readonly<Record<string, number>>;
}

export const ratioOf = (rounds: readonly Round[]): Summary =>
  summary(rounds.map(({ raw, app }) => app.perSecond / raw.perSecond));

/** Formats the results for a reader. */
export function report({ rounds, ratio, met, connections }: Results): string {
  const parts = Object.keys(rounds[0]!.raw.cpu);
  const row = (name: keyof Round) => {
    const runs = rounds.map((round) => round[name]);
    return [
      name,
      spread(summary(runs.map(({ perSecond }) => perSecond)), 0),
      ...parts.map((part) => summary(runs.map(({ cpu }) => cpu[part]!)).median.toFixed(0)),
      String(summary(runs.map((run) => run.bytesAMail)).median),
    ];
  };
  return [
    table(
      [`mails, ${connections} connections`, 'a second', ...parts.map((part) => `${part} µs`), 'bytes'],
      [row('raw'), row('app')],
    ),
    table(
      ['required', 'is', 'must be', ''],
      [['app / raw', spread(ratio, 2), `at least ${AT_LEAST}`, met ? 'met' : 'MISSED']],
    ),
  ].join('\n\n');
}
