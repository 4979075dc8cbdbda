import { cpus } from 'node:os';
import { Command, Option } from 'commander';
import { finishBench, startProgress, stopOnSignal, wholeNumber } from '../support/bench-program.js';
import { measureGrowth } from './growth.js';
import { measureReplication, REPLICAS } from './replicas.js';
import { report, requirementsOf, type Results } from './report.js';
import { openBenchHarness } from './bench-harness.js';
import { measureThroughput } from './throughput.js';

interface Options {
  readonly rounds: number;
  readonly count: number;
  readonly short: number;
  readonly long: number;
  readonly only?: 'throughput' | 'growth' | 'replicas';
  readonly out: string;
  readonly quick: boolean;
}

const program = new Command('npm run bench -- projections')
  .description('Measures the inbox projection against the event store’s client alone, and PostgreSQL alone.')
  .option('--rounds <n>', 'rounds, each with every candidate', wholeNumber, 5)
  .option('--count <n>', 'events of a run', wholeNumber, 200_000)
  .option('--short <n>', 'events of the short log', wholeNumber, 10_000)
  .option('--long <n>', 'events of the long log', wholeNumber, 1_000_000)
  .addOption(new Option('--only <part>', 'one part').choices(['throughput', 'growth', 'replicas']))
  .option('--out <file>', 'where the results go as JSON', '.bench/projections.json')
  .option('--quick', 'few events, to see that it runs: proves nothing and requires nothing', false)
  .addHelpText(
    'after',
    `
Examples:
  npm run bench -- projections
  npm run bench -- projections --only throughput --rounds 9
  npm run bench -- projections --quick

Exit code: 0 when the requirements are met, 1 when one is missed.`,
  );

const QUICK: Partial<Options> = { rounds: 1, count: 5_000, short: 1_000, long: 2_000 };

async function measure(
  { rounds, count, short, long, only, quick }: Options,
  say: (line: string) => void,
): Promise<Results> {
  const harness = await openBenchHarness();
  stopOnSignal(harness);
  const isWanted = (part: Options['only']) => only === undefined || only === part;
  try {
    return {
      startedAt: new Date().toISOString(),
      node: process.version,
      cores: cpus().length,
      ...(isWanted('throughput') ? { throughput: await measureThroughput(harness, rounds, count, say) } : {}),
      ...(isWanted('growth') ? { growth: await measureGrowth(harness, rounds, [short, long], say) } : {}),
      ...(isWanted('replicas')
        ? {
            replication: await measureReplication(harness, rounds, count / 4, quick ? [1, 2] : REPLICAS, say),
          }
        : {}),
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
