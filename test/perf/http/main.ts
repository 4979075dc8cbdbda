import { cpus } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { finishBench, stopOnSignal, wholeNumber } from '../support/bench-program.js';
import { between, Meter } from '../support/meter.js';
import { openBenchHarness } from './bench-harness.js';
import { openLoad, READS, SENDS, type Candidate } from './candidates.js';
import { report, requirementsOf, type Measured } from './report.js';

const number = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0');
  return value;
};

const options = new Command('npm run bench -- http')
  .description(
    'Measures what a reader of the inbox loses to us, and how long a command takes to its outcome.',
  )
  .option('--rounds <n>', 'rounds, each with every load', wholeNumber, 5)
  .option('--seconds <n>', 'of each load', number, 8)
  .addOption(new Option('--only <part>', 'one part only').choices(['reads', 'sends']))
  .option('--out <file>', 'where the results go as JSON', '.bench/http.json')
  .option('--quick', 'one short round, to see that it runs: proves nothing and requires nothing', false)
  .addHelpText(
    'after',
    '\nExamples:\n  npm run bench -- http\n  npm run bench -- http --only reads --rounds 9\n  npm run bench -- http --quick',
  )
  .parse()
  .opts<{ rounds: number; seconds: number; only?: 'reads' | 'sends'; out: string; quick: boolean }>();
const { rounds, seconds } = options.quick ? { rounds: 1, seconds: 1 } : options;

const candidates: readonly Candidate[] = [
  ...(options.only === 'sends' ? [] : READS),
  ...(options.only === 'reads' ? [] : SENDS),
];
const say = (line: string) => process.stderr.write(`${line}\n`);
const all = new Map<Candidate, Measured[]>(candidates.map((one) => [one, []]));
const startedAt = new Date().toISOString();
say('Starting servers, the api and the command app …');
const harness = await openBenchHarness();
stopOnSignal(harness);

async function measure(candidate: Candidate, duration: number): Promise<Measured> {
  const load = await openLoad(candidate, harness, duration);
  try {
    const meter = new Meter({ client: load.pid, PostgreSQL: harness.pids.PostgreSQL });
    const before = meter.mark();
    const result = await load.run();
    const { cpu } = between(before, meter.mark(), result.answers);
    const good = (result.statuses['200'] ?? 0) + (result.statuses['201'] ?? 0);
    if (good !== result.answers || good === 0)
      throw new Error(`${candidate}: ${JSON.stringify(result.statuses)}`);
    return { ...result, processMicros: cpu['client']!, postgresMicros: cpu['PostgreSQL']! };
  } finally {
    await load.stop();
  }
}

try {
  for (const candidate of candidates) await measure(candidate, seconds / 2);
  for (let round = 1; round <= rounds; round += 1) {
    for (const candidate of candidates) {
      const measured = await measure(candidate, seconds);
      all.get(candidate)!.push(measured);
      const { perSecond, p50, p99 } = measured;
      say(
        `round ${round}  ${candidate}: ${perSecond.toFixed(0)}/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
      );
    }
  }
} finally {
  await harness.stop();
}

const requirements = requirementsOf(all);
const results = { startedAt, node: process.version, cores: cpus().length, rounds, seconds, requirements };
finishBench(
  options,
  { ...results, runs: Object.fromEntries(all) },
  report(all, requirements),
  requirements.every(({ met }) => met),
);
