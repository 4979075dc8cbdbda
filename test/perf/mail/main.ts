import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
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

const number = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 on');
  return value;
};

const program = new Command('npm run bench -- mail')
  .description(
    'Measures the notification app against pooled nodemailer, both sending to the same SMTP server.',
  )
  .option('--rounds <n>', 'rounds, each with both', number, 5)
  .option('--count <n>', 'mails a run', number, 10_000)
  .option('--connections <n>', 'SMTP connections, of both', number, 20)
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
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void harness.stop().finally(() => process.exit(130)));
  }
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
const since = performance.now();
const results = await measure(options, (line) => {
  const seconds = Math.round((performance.now() - since) / 1_000);
  process.stderr.write(`${String(seconds).padStart(5)} s  ${line}\n`);
});
mkdirSync(dirname(options.out), { recursive: true });
writeFileSync(options.out, `${JSON.stringify(results, null, 2)}\n`);
process.stdout.write(`\n${report(results)}\n\nWritten to ${options.out}\n`);
if (!options.quick && !results.met) process.exitCode = 1;
