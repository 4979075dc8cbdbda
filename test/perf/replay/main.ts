import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { summary, type Summary } from '../support/statistics.js';
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

/** The minimum ratio to the raw client's rate, and the maximum ratio to the memory for the short log. */
const OF_RAW = 0.7;
const MEMORY = 1.2;

const number = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 on');
  return value;
};

const program = new Command('npm run bench -- replay')
  .description('Measures `replay events` and `replay as-of` against the event store’s client alone.')
  .option('--rounds <n>', 'rounds, each with every candidate', number, 5)
  .option('--count <n>', 'events of the log', number, 100_000)
  .option('--long <n>', 'events of the long log, for memory', number, 1_000_000)
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
const spread = ({ median, min, max }: Summary, digits: number): string =>
  `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;

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

const requirements = (['events', 'as-of'] as const).flatMap((name) => {
  const rate = each(short, (round) => round[name].perSecond / round.raw.perSecond);
  const peak = each(short, (round) => round[name].peakMiB).median;
  const growth = long[0]![name].peakMiB / peak;
  return [
    { what: `${name} / raw`, is: rate.median, must: `at least ${OF_RAW}`, met: rate.median >= OF_RAW },
    {
      what: `peak memory of ${name}, ${options.long} / ${options.count} events`,
      is: growth,
      must: `at most ${MEMORY}`,
      met: growth <= MEMORY,
    },
  ];
});
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
mkdirSync(dirname(options.out), { recursive: true });
writeFileSync(options.out, `${JSON.stringify(results, null, 2)}\n`);
process.stdout.write(`\n${report}\n\nWritten to ${options.out}\n`);
if (!options.quick && requirements.some(({ met }) => !met)) process.exitCode = 1;
