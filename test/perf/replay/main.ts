import { cpus } from 'node:os';
import { Command } from 'commander';
import { finishBench, wholeNumber } from '../support/bench-program.js';
import { spread, summary } from '../support/statistics.js';
import { table } from '../support/table.js';
import { NAMES, run, type Name, type Run } from './candidates.js';
import { openBenchHarness } from './bench-harness.js';

interface Options {
  readonly rounds: number;
  readonly count: number;
  readonly long: number;
  readonly out: string;
  readonly quick: boolean;
}

/** The minimum ratios to the raw client's rate, and the maximum ratio to the memory for the short log. */
const OF_RAW = { events: 0.7, 'as-of': 0.7 } as const;
const OF_RAW_FOR_LONG = { sql: 0.5, report: 0.5, 'what-if': 0.5 } as const;
const MEMORY = 1.2;
/** Whose memory must not grow with the log. */
const FLAT = ['events', 'as-of', 'sql', 'report', 'what-if'] as const;
/** The maximum ratio of the time of a query with a cache to that of the query that filled it, for the long log. */
const CACHED = 0.05;

const program = new Command('npm run bench -- replay')
  .description(
    'Measures the commands of replay that read the whole log against the event store’s client alone.',
  )
  .option('--rounds <n>', 'rounds, each with every candidate', wholeNumber, 5)
  .option('--count <n>', 'events of the log', wholeNumber, 100_000)
  .option('--long <n>', 'events of the long log, for memory', wholeNumber, 1_000_000)
  .option('--out <file>', 'where the results go as JSON', '.bench/replay.json')
  .option('--quick', 'few events, to see that it runs: proves nothing and requires nothing', false)
  .addHelpText(
    'after',
    `
Examples:
  npm run bench -- replay
  npm run bench -- replay --quick

Exit code: 0 when the requirements are met, 1 when one is missed.`,
  );

const given = program.parse().opts<Options>();
const options: Options = given.quick ? { ...given, rounds: 1, count: 2_000, long: 4_000 } : given;
const say = (line: string) => void process.stderr.write(`${line}\n`);

type Round = Record<Name, Run>;

async function measure(events: number, rounds: number): Promise<Round[]> {
  say(`appending ${events} events`);
  const harness = await openBenchHarness(events);
  try {
    const done: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const runs: Partial<Round> = {};
      for (const name of NAMES) {
        runs[name] = await run(name, harness);
        say(`round ${round} of ${rounds}, ${name}: ${Math.round(runs[name].perSecond)} events/s`);
      }
      done.push(runs as Round);
    }
    return done;
  } finally {
    await harness.stop();
  }
}

const short = await measure(options.count, options.rounds);
const long = await measure(options.long, 1);
const each = (rounds: readonly Round[], of: (round: Round) => number) => summary(rounds.map(of));

const rates = (rounds: readonly Round[], events: number) =>
  table(
    [`${events} events`, 'a second', 'of raw', 'CPU µs an event', 'peak MiB'],
    NAMES.map((name) => [
      name,
      spread(
        each(rounds, (round) => round[name].perSecond),
        0,
      ),
      spread(
        each(rounds, (round) => round[name].perSecond / round.raw.perSecond),
        2,
      ),
      spread(
        each(rounds, (round) => round[name].cpu),
        1,
      ),
      spread(
        each(rounds, (round) => round[name].peakMiB),
        0,
      ),
    ]),
  );

const keysOf = <Key extends string>(values: Readonly<Record<Key, number>>) => Object.keys(values) as Key[];
const atLeast = (what: string, is: number, min: number) => ({
  what,
  is,
  must: `at least ${min}`,
  met: is >= min,
});
const atMost = (what: string, is: number, max: number) => ({
  what,
  is,
  must: `at most ${max}`,
  met: is <= max,
});

const ofRaw = (rounds: readonly Round[], name: Name) =>
  each(rounds, (round) => round[name].perSecond / round.raw.perSecond).median;
const growthOf = (name: Name) => long[0]![name].peakMiB / each(short, (round) => round[name].peakMiB).median;

const requirements = [
  ...keysOf(OF_RAW).map((name) => atLeast(`${name} / raw`, ofRaw(short, name), OF_RAW[name])),
  ...keysOf(OF_RAW_FOR_LONG).map((name) =>
    atLeast(`${name} / raw, ${options.long} events`, ofRaw(long, name), OF_RAW_FOR_LONG[name]),
  ),
  ...FLAT.map((name) =>
    atMost(`peak memory of ${name}, ${options.long} / ${options.count} events`, growthOf(name), MEMORY),
  ),
  atMost(
    `time of sql-again / sql-first, ${options.long} events`,
    each(long, (round) => round['sql-first'].perSecond / round['sql-again'].perSecond).median,
    CACHED,
  ),
];
const report = [
  rates(short, options.count),
  rates(long, options.long),
  table(
    ['required', 'is', 'must be', ''],
    requirements.map(({ what, is, must, met }) => [what, is.toFixed(2), must, met ? 'met' : 'MISSED']),
  ),
].join('\n\n');
const results = {
  startedAt: new Date().toISOString(),
  node: process.version,
  cores: cpus().length,
  short,
  long,
  requirements,
};
finishBench(
  options,
  results,
  report,
  requirements.every(({ met }) => met),
);
