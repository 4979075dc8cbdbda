import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DIST } from '../support/child.js';

/** A log with a number of events, and a folder for output files. */
export interface BenchHarness {
  readonly url: string;
  readonly events: number;
  readonly folder: string;
}

export interface Run {
  readonly perSecond: number;
  /** CPU microseconds of the candidate's process for each event. */
  readonly cpu: number;
  readonly peakMiB: number;
}

/** The query of `as-of`, for which it reads the whole log. */
const AS_OF = ['as-of', '2030-01-01', 'inbox', '--member', 'recipient-0-account-0'];

/** The query of `sql`, which folds every invitation. */
const STATUS = 'SELECT status, count(*) FROM invitations GROUP BY status';

/** The flags of `npm run replay`. */
export const REPLAY_FLAGS = [
  '--disable-warning=TimeoutNegativeWarning',
  '--max-semi-space-size=8',
  '--heap-growing-percent=50',
];

const REPLAY = 'apps/replay/src/main.js';

const MAINS = {
  raw: () => ['test/perf/replay/raw.main.js'],
  events: ({ folder }: BenchHarness) => [REPLAY, 'events', '--out', join(folder, 'events.jsonl'), '--fresh'],
  'as-of': () => [REPLAY, ...AS_OF],
  sql: () => [REPLAY, 'sql', STATUS],
  report: ({ folder }: BenchHarness) => [REPLAY, 'report', '--out', join(folder, 'report.html')],
  'what-if': () => [REPLAY, 'what-if', '--limit', '4', '--json'],
  'sql-first': ({ folder }: BenchHarness) => [REPLAY, 'sql', STATUS, '--cache', cacheIn(folder)],
  'sql-again': ({ folder }: BenchHarness) => [REPLAY, 'sql', STATUS, '--cache', cacheIn(folder)],
} as const;

const cacheIn = (folder: string) => join(folder, 'cache');

export type Name = keyof typeof MAINS;
export const NAMES = Object.keys(MAINS) as Name[];

/** Measures from the start of the process to its end, as an analyst would. */
export async function run(name: Name, harness: BenchHarness): Promise<Run> {
  const [main, ...args] = MAINS[name](harness);
  if (name === 'sql-first') await rm(cacheIn(harness.folder), { recursive: true, force: true });
  const usage = join(harness.folder, 'usage.json');
  const since = performance.now();
  const preload = `file://${join(DIST, 'test/perf/replay/usage.js')}`;
  await promisify(execFile)(
    process.execPath,
    [...REPLAY_FLAGS, '--import', preload, join(DIST, main!), ...args],
    // `what-if` prints every account that would be different.
    { env: { ...process.env, EVENTSTORE_URL: harness.url, BENCH_USAGE: usage }, maxBuffer: Infinity },
  );
  const seconds = (performance.now() - since) / 1_000;
  const { cpuMicros, peakMiB } = JSON.parse(await readFile(usage, 'utf8')) as {
    cpuMicros: number;
    peakMiB: number;
  };
  return { perSecond: harness.events / seconds, cpu: cpuMicros / harness.events, peakMiB };
}
