import 'reflect-metadata';
import { Command } from 'commander';
import { IsNotEmpty, IsString } from 'class-validator';
import { createLogger, createPool, loadConfig } from '#libs/platform';
import { ask } from './operators/ask.js';
import { showParked } from './operators/show-parked.js';

class ProjectionsConfig {
  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;
}

/** The logger of a tool says nothing: what it has to say is its output. */
const connect = () =>
  createPool(
    { url: loadConfig(ProjectionsConfig).DATABASE_URL, app: 'projections', max: 2 },
    createLogger('projections', 'silent'),
  );

const program = new Command('projections')
  .description('What the projections could not handle, and what is to become of it. Needs DATABASE_URL.')
  .exitOverride();

program
  .command('parked')
  .description('lists accounts that a projection has parked, with the event that it could not handle')
  .argument('[projection]', 'only of this projection')
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample:\n  npm run projections -- parked inbox --json')
  .action((projection: string | undefined, { json = false }: { json?: boolean }) =>
    withPool((pool) => showParked(pool, projection, json, console.log)),
  );

for (const [wanted, description] of [
  ['retry', 'tries again what waits of a parked account, after a fix'],
  ['skip', 'goes on without the event that failed; it is lost to this projection'],
] as const) {
  program
    .command(wanted)
    .description(`${description}. The worker that holds the account's slice does it, and this waits for it`)
    .argument('<projection>')
    .argument('<account>')
    .option('--wait <seconds>', 'how long to wait for the outcome', '15')
    .addHelpText('after', `\nExample:\n  npm run projections -- ${wanted} inbox amal`)
    .action((projection: string, account: string, { wait }: { wait: string }) =>
      withPool((pool) => ask(pool, wanted, projection, account, Number(wait) * 1000, console.log)),
    );
}

async function withPool(work: (pool: ReturnType<typeof connect>) => Promise<void>): Promise<void> {
  const pool = connect();
  try {
    await work(pool);
  } finally {
    await pool.end();
  }
}

try {
  await program.parseAsync();
} catch (error) {
  // Commander has said it already, and help is no error.
  if (error instanceof Error && error.constructor.name === 'CommanderError') {
    process.exitCode = (error as Error & { exitCode: number }).exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
