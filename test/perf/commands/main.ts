import { cpus } from 'node:os';
import { Command, Option } from 'commander';
import { finishBench, startProgress, stopOnSignal, wholeNumber } from '../support/bench-program.js';
import { measureLatency } from './latency.js';
import { measureMemory } from './memory.js';
import { report, requirementsOf, type Results } from './report.js';
import { openBenchHarness } from './bench-harness.js';
import { measureThroughput } from './throughput.js';

const PARTS = ['throughput', 'memory', 'latency'] as const;
type Part = (typeof PARTS)[number];

interface Options {
  readonly rounds: number;
  readonly count: number;
  readonly naiveCount: number;
  readonly backlog: number;
  readonly only?: Part;
  readonly capacity?: number;
  readonly out: string;
  readonly quick: boolean;
}

const SMALL_BACKLOG = 10_000;

const program = new Command('npm run bench -- commands')
  .description(
    'Measures the command app against the raw client, a naive app and Emmett, on development servers.',
  )
  .option('--rounds <n>', 'rounds, each with every candidate', wholeNumber, 5)
  .option('--count <n>', 'commands a run', wholeNumber, 80_000)
  .option('--naive-count <n>', 'commands a run of the naive app', wholeNumber, 4_000)
  .option(
    '--backlog <n>',
    'commands of the large backlog; the small one has ten thousand',
    wholeNumber,
    1_000_000,
  )
  .option(
    '--capacity <n>',
    'commands a second that latency takes as the capacity, unless throughput is measured',
    wholeNumber,
  )
  .addOption(new Option('--only <part>', 'one part only').choices(PARTS))
  .option('--out <file>', 'where the results go as JSON', '.bench/commands.json')
  .option('--quick', 'few commands, to see that it runs: proves nothing and requires nothing', false)
  .addHelpText(
    'after',
    `
Examples:
  npm run bench -- commands
  npm run bench -- commands --only throughput --rounds 9
  npm run bench -- commands --only memory
  npm run bench -- commands --quick

Exit code: 0 when every requirement is met, 1 when one is missed.`,
  );

const QUICK: Partial<Options> = { rounds: 1, count: 8_000, naiveCount: 200, backlog: 2_000 };

async function measure(options: Options, say: (line: string) => void): Promise<Results> {
  const { rounds, count, naiveCount, backlog, only, capacity = 5_000, quick } = options;
  const wanted = (part: Part) => only === undefined || only === part;
  const harness = await openBenchHarness();
  stopOnSignal(harness);
  try {
    const head = { startedAt: new Date().toISOString(), node: process.version, cores: cpus().length };
    const throughput = wanted('throughput')
      ? await measureThroughput(harness, rounds, { count, naiveCount }, say)
      : undefined;
    const rate = throughput?.rates.find(({ name }) => name === 'different, answered')?.perSecond.median;
    const latency = wanted('latency')
      ? await measureLatency(
          harness,
          rate ?? capacity,
          quick ? { warmUp: 200, count: 200, hops: 20 } : { warmUp: 20_000, count: 60_000, hops: 500 },
          say,
        )
      : undefined;
    const memory = wanted('memory')
      ? await measureMemory(harness, [Math.min(SMALL_BACKLOG, Math.ceil(backlog / 10)), backlog], say)
      : undefined;
    return {
      ...head,
      ...(throughput && { throughput }),
      ...(memory && { memory }),
      ...(latency && { latency }),
    };
  } finally {
    await harness.stop();
  }
}

const given = program.parse().opts<Options>();
const options = given.quick ? { ...given, ...QUICK } : given;
const results = await measure(options, startProgress());
finishBench(
  options,
  results,
  report(results),
  requirementsOf(results).every(({ met }) => met),
);
