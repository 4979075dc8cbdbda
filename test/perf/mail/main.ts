import { cpus } from 'node:os';
import { Command } from 'commander';
import { finishBench, startProgress, stopOnSignal, wholeNumber } from '../support/bench-program.js';
import { runApp, runRaw } from './candidates.js';
import { AT_LEAST, ratioOf, report, type Results, type Round } from './report.js';
import { openBenchHarness, type BenchHarness } from './bench-harness.js';

interface Options {
  readonly rounds: number;
  readonly count: number;
  readonly connections: number;
  readonly out: string;
  readonly quick: boolean;
}

const program = new Command('npm run bench -- mail')
  .description(
    'Measures the notification app against pooled nodemailer, both sending to the same SMTP server.',
  )
  .option('--rounds <n>', 'rounds, each with both', wholeNumber, 5)
  .option('--count <n>', 'mails a run', wholeNumber, 10_000)
  .option('--connections <n>', 'SMTP connections, of both', wholeNumber, 20)
  .option('--out <file>', 'where the results go as JSON', '.bench/mail.json')
  .option('--quick', 'few mails, to see that it runs: proves nothing and requires nothing', false)
  .addHelpText(
    'after',
    `
Examples:
  npm run bench -- mail
  npm run bench -- mail --rounds 9 --connections 5
  npm run bench -- mail --quick

Exit code: 0 when the requirement is met, 1 when it is missed.`,
  );

const QUICK: Partial<Options> = { rounds: 1, count: 200 };

async function measure(
  { rounds, count, connections }: Options,
  say: (line: string) => void,
): Promise<Results> {
  const harness = await openBenchHarness();
  stopOnSignal(harness);
  try {
    const startedAt = new Date().toISOString();
    const uncounted = Math.ceil(count / 5);
    const done: Round[] = [];
    for (let n = 0; n < rounds; n += 1) {
      const run = { first: n * (count + uncounted), count, uncounted, connections };
      // They take turns in running first, because the first one may find the machine in another state.
      const appFirst = n % 2 === 1 ? await runApp(harness, run) : undefined;
      const raw = await runRaw(harness, run);
      const app = appFirst ?? (await runApp(harness, run));
      say(
        `round ${n + 1} of ${rounds}: raw ${raw.perSecond.toFixed(0)}/s, app ${app.perSecond.toFixed(0)}/s`,
      );
      done.push({ raw, app });
    }
    const ratio = ratioOf(done);
    const notSent = await statesBeside(harness);
    const met = ratio.median >= AT_LEAST && Object.keys(notSent).length === 0;
    const head = { startedAt, node: process.version, cores: cpus().length, connections };
    return { ...head, rounds: done, ratio, met, notSent };
  } finally {
    await harness.stop();
  }
}

async function statesBeside({ db }: BenchHarness): Promise<Record<string, number>> {
  const { rows } = await db.query<{ state: string; count: number }>(
    `SELECT state, count(*)::int FROM notification.deliveries WHERE state <> 'sent' GROUP BY state`,
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

const given = program.parse().opts<Options>();
const options = given.quick ? { ...given, ...QUICK } : given;
const results = await measure(options, startProgress());
finishBench(options, results, report(results), results.met);
