import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DIST } from '../support/child.js';

/** A log with so many events, and a folder for what is written. */
export interface Setting {
  readonly url: string;
  readonly events: number;
  readonly folder: string;
}

export interface Run {
  readonly perSecond: number;
  /** CPU microseconds an event, of the contestant's process. */
  readonly cpu: number;
  readonly peakMiB: number;
}

/** What `as-of` is asked: the log is read for it from end to end. */
const AS_OF = ['as-of', '2030-01-01', 'inbox', '--member', 'recipient-0-account-0'];

const MAINS = {
  raw: () => ['test/bench/replay/raw.main.js'],
  events: ({ folder }: Setting) => [
    'apps/replay/src/main.js',
    'events',
    '--out',
    join(folder, 'events.jsonl'),
    '--fresh',
  ],
  'as-of': () => ['apps/replay/src/main.js', ...AS_OF],
} as const;

export type Name = keyof typeof MAINS;
export const NAMES = Object.keys(MAINS) as Name[];

/** From the start of the process to its end: what an analyst waits for. */
export async function run(name: Name, setting: Setting): Promise<Run> {
  const [main, ...args] = MAINS[name](setting);
  const usage = join(setting.folder, 'usage.json');
  const since = performance.now();
  const preload = `file://${join(DIST, 'test/bench/replay/usage.js')}`;
  await promisify(execFile)(
    process.execPath,
    ['--disable-warning=TimeoutNegativeWarning', '--import', preload, join(DIST, main!), ...args],
    { env: { ...process.env, EVENTSTORE_URL: setting.url, BENCH_USAGE: usage } },
  );
  const seconds = (performance.now() - since) / 1_000;
  const { cpuMicros, peakMiB } = JSON.parse(await readFile(usage, 'utf8')) as {
    cpuMicros: number;
    peakMiB: number;
  };
  return { perSecond: setting.events / seconds, cpu: cpuMicros / setting.events, peakMiB };
}
