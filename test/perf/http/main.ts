import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { between, Meter } from '../support/meter.js';
import { summary, type Summary } from '../support/statistics.js';
import { table } from '../support/table.js';
import { putLoad, type Load, type LoadResult } from './load.js';
import { openBenchHarness, RECIPIENTS, type BenchHarness } from './bench-harness.js';

const number = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0');
  return value;
};

const options = new Command('npm run bench -- http')
  .description(
    'Measures what a reader of the inbox loses to us, and how long a command takes to its outcome.',
  )
  .option('--rounds <n>', 'rounds, each with every load', number, 5)
  .option('--seconds <n>', 'of each load', number, 8)
  .option('--out <file>', 'where the results go as JSON', '.bench/http.json')
  .option('--quick', 'one short round, to see that it runs: proves nothing', false)
  .addHelpText(
    'after',
    '\nExamples:\n  npm run bench -- http\n  npm run bench -- http --rounds 9\n  npm run bench -- http --quick',
  )
  .parse()
  .opts<{ rounds: number; seconds: number; out: string; quick: boolean }>();
const { rounds, seconds } = options.quick ? { rounds: 1, seconds: 1 } : options;

const CANDIDATES = ['constant', 'inbox', 'send, 1 at a time', 'send, 16 at a time'] as const;
type Candidate = (typeof CANDIDATES)[number];

function loadOf(candidate: Candidate, { api, constant, tokens }: BenchHarness, first: number): Load {
  const reads = { tokens, connections: 32, seconds };
  const sends = { url: api, tokens, seconds, sends: { first, recipients: RECIPIENTS } };
  const loads: Record<Candidate, Load> = {
    constant: { ...reads, url: constant },
    inbox: { ...reads, url: api },
    'send, 1 at a time': { ...sends, connections: 1 },
    'send, 16 at a time': { ...sends, connections: 16 },
  };
  return loads[candidate];
}

/** More than a load can use: each load sends to pairs without an earlier invitation. */
const PAIRS_OF_A_LOAD = 15_000;
let sent = 0;

const say = (line: string) => process.stderr.write(`${line}\n`);
/** With the CPU microseconds for each response, of the server and of PostgreSQL. */
type Measured = LoadResult & { readonly serverMicros: number; readonly postgresMicros: number };
const all = Object.fromEntries(CANDIDATES.map((one) => [one, [] as Measured[]])) as Record<
  Candidate,
  Measured[]
>;
const startedAt = new Date().toISOString();
say('Starting servers, the api and the command app …');
const harness = await openBenchHarness();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void harness.stop().finally(() => process.exit(130)));
}
const meter = new Meter(harness.pids);
try {
  for (const candidate of CANDIDATES)
    await putLoad({ ...loadOf(candidate, harness, 0), seconds: seconds / 2 });
  for (let round = 1; round <= rounds; round += 1) {
    for (const candidate of CANDIDATES) {
      const before = meter.mark();
      const result = await putLoad(loadOf(candidate, harness, (sent += PAIRS_OF_A_LOAD)));
      const { cpu } = between(before, meter.mark(), result.answers);
      const serverMicros = cpu[candidate === 'constant' ? 'constant' : 'api']!;
      const good = (result.statuses['200'] ?? 0) + (result.statuses['201'] ?? 0);
      if (good !== result.answers || good === 0)
        throw new Error(`${candidate}: ${JSON.stringify(result.statuses)}`);
      all[candidate].push({ ...result, serverMicros, postgresMicros: cpu['PostgreSQL']! });
      say(
        `round ${round}  ${candidate}: ${result.perSecond.toFixed(0)}/s, p50 ${result.p50.toFixed(1)} ms, p99 ${result.p99.toFixed(1)} ms`,
      );
    }
  }
} finally {
  await harness.stop();
}

const of = (results: readonly Measured[], value: (result: Measured) => number) => summary(results.map(value));
const spread = ({ median, min, max }: Summary, digits: number) =>
  `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
const ofConstant = summary(
  all.inbox.map(({ perSecond }, round) => perSecond / all.constant[round]!.perSecond),
);
const rows = CANDIDATES.map((name) => ({
  name,
  perSecond: of(all[name], ({ perSecond }) => perSecond),
  p50: of(all[name], ({ p50 }) => p50),
  p99: of(all[name], ({ p99 }) => p99),
  serverMicros: of(all[name], ({ serverMicros }) => serverMicros),
  postgresMicros: of(all[name], ({ postgresMicros }) => postgresMicros),
}));
const results = {
  startedAt,
  node: process.version,
  cores: cpus().length,
  rounds,
  seconds,
  rows,
  inboxOfConstant: ofConstant,
};
mkdirSync(dirname(options.out), { recursive: true });
writeFileSync(options.out, `${JSON.stringify(results, null, 2)}\n`);
const lines = rows.map(({ name, perSecond, p50, p99, serverMicros, postgresMicros }) => [
  name,
  spread(perSecond, 0),
  spread(p50, 1),
  spread(p99, 1),
  spread(serverMicros, 0),
  spread(postgresMicros, 0),
]);
const heads = ['load', 'a second', 'p50 ms', 'p99 ms', 'server µs', 'PostgreSQL µs'];
process.stdout.write(`\n${table(heads, lines)}\n\n`);
process.stdout.write(`inbox of constant: ${spread(ofConstant, 3)}\nWritten to ${options.out}\n`);
