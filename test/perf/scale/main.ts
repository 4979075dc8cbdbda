import { cpus } from 'node:os';
import { Command, Option } from 'commander';
import { finishBench, wholeNumber } from '../support/bench-program.js';
import { CpuQuotas } from '../support/cpu-quota.js';
import { measureScale, type Scale } from './measure.js';
import { report, requirementsOf, type Results } from './report.js';
import type { ScaledApp } from './scaled-app.js';
import { openCommand } from './scaled-command.js';
import { openNotification } from './scaled-notification.js';
import { openProjector } from './scaled-projector.js';

const APPS = {
  command: openCommand,
  projector: openProjector,
  notification: openNotification,
} as const satisfies Record<string, () => Promise<ScaledApp>>;
type Name = keyof typeof APPS;
const NAMES = Object.keys(APPS) as Name[];

const REPLICAS = [1, 2, 4];
const CANNOT_MEASURE = 2;

interface Options {
  readonly rounds: number;
  readonly only?: Name;
  readonly out: string;
  readonly quick: boolean;
}

const options = new Command('npm run bench -- scale')
  .description(
    'Measures one, two and four replicas of each app. Each replica gets a tenth of a core, so that the servers are no limit.',
  )
  .option('--rounds <n>', 'rounds, each with every number of replicas', wholeNumber, 3)
  .addOption(new Option('--only <app>', 'one app only').choices(NAMES))
  .option('--out <file>', 'where the results go as JSON', '.bench/scale.json')
  .option(
    '--quick',
    'little work and no quotas, to see that it runs: proves nothing and requires nothing',
    false,
  )
  .addHelpText(
    'after',
    `
It needs root and Linux's control groups (version 1 or 2) with the cpu controller.

Examples:
  npm run bench -- scale
  npm run bench -- scale --only projector --rounds 5
  npm run bench -- scale --quick

Exit code: 0 when every requirement is met, 1 when one is missed, 2 when this machine has no CPU quotas.`,
  )
  .parse()
  .opts<Options>();

const since = performance.now();
const say = (line: string) => {
  const seconds = Math.round((performance.now() - since) / 1_000);
  process.stderr.write(`${String(seconds).padStart(5)} s  ${line}\n`);
};

async function measure(name: Name, quotas: CpuQuotas | undefined): Promise<Scale> {
  const app = await APPS[name]();
  const stop = () => void app.stop().finally(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const { rounds, quick } = options;
  try {
    return quick
      ? await measureScale(app, quotas, 1, Math.ceil(app.count / 50), [1, 2], say)
      : await measureScale(app, quotas, rounds, app.count, REPLICAS, say);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await app.stop();
  }
}

async function main(): Promise<void> {
  let quotas: CpuQuotas | undefined;
  try {
    if (!options.quick) quotas = await CpuQuotas.open();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = CANNOT_MEASURE;
    return;
  }
  const startedAt = new Date().toISOString();
  const apps: Scale[] = [];
  for (const name of NAMES) {
    if (options.only === undefined || options.only === name) apps.push(await measure(name, quotas));
  }
  const results: Results = { startedAt, node: process.version, cores: cpus().length, apps };
  finishBench(
    options,
    results,
    report(results),
    requirementsOf(results).every(({ met }) => met),
  );
}

await main();
