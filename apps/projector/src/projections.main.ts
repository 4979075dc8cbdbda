import 'reflect-metadata';
import { Command, InvalidArgumentError } from 'commander';
import { ask } from './operators/ask.js';
import {
  dropGenerationOf,
  rebuildProjection,
  showGenerations,
  switchProjection,
  type Allowed,
} from './operators/generation-commands.js';
import { resetProjection, type ResetOptions } from './operators/reset.js';
import { showParked } from './operators/show-parked.js';
import { showStatus, type StatusOptions } from './operators/status.js';
import { withPool } from './operators/tool.js';

const number = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 on');
  return value;
};

const program = new Command('projections')
  .description(
    'How the projections stand, rebuilding them, and what is to become of what they could not handle. ' +
      'Needs DATABASE_URL and, to look at the log, EVENTSTORE_URL.',
  )
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

const BY_ITS_WORKER = "The worker that holds the account's slice does it, and this waits for it";

program
  .command('retry')
  .description(`tries again what waits of a parked account, after a fix. ${BY_ITS_WORKER}`)
  .argument('<projection>')
  .argument('<account>')
  .option('--wait <seconds>', 'how long to wait for the outcome', '15')
  .addHelpText('after', '\nExample:\n  npm run projections -- retry inbox amal')
  .action((projection: string, account: string, { wait }: { wait: string }) =>
    withPool((pool) => ask(pool, { wanted: 'retry' }, projection, account, Number(wait) * 1000, console.log)),
  );

program
  .command('skip')
  .description(`goes on without the event that failed; it is lost to this projection. ${BY_ITS_WORKER}`)
  .argument('<projection>')
  .argument('<account>')
  .argument('<event>', 'id of the event, as parked tells it')
  .option('--wait <seconds>', 'how long to wait for the outcome', '15')
  .addHelpText(
    'after',
    '\nExample:\n  npm run projections -- skip inbox amal 5a3e2f0c-7d1b-5c44-9e0a-2b6f8d9c1e37',
  )
  .action((projection: string, account: string, eventId: string, { wait }: { wait: string }) =>
    withPool((pool) =>
      ask(pool, { wanted: 'skip', eventId }, projection, account, Number(wait) * 1000, console.log),
    ),
  );

program
  .command('status')
  .description('position, lag in events and in seconds, events a second, owners of slices, parked accounts')
  .argument('[projection]', 'only of this projection')
  .option('--slices', 'every slice with its owner')
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample:\n  npm run projections -- status inbox --slices')
  .action((projection: string | undefined, options: StatusOptions) =>
    showStatus(projection, options, console.log),
  );

const allowing = (command: Command): Command =>
  command
    .option('--expect-changes', 'show the new rows although they differ, after a sample of the differences')
    .option('--allow-parked', 'show them although accounts are parked')
    .option('--show-values', 'print what differs, not only in which columns: members wrote some of it');

allowing(program.command('rebuild'))
  .description('builds a new generation from the log, compares it with the live one and shows it')
  .argument('<projection>')
  .option('--fresh', 'drop what an interrupted rebuild has left, and begin anew')
  .addHelpText('after', '\nExample:\n  npm run projections -- rebuild inbox')
  .action((projection: string, options: Allowed & { fresh?: boolean }) =>
    rebuildProjection(projection, options, console.log),
  );

allowing(program.command('switch'))
  .description('catches another generation up and shows it: back to the one before, for example')
  .argument('<projection>')
  .argument('<generation>', 'its number', number)
  .addHelpText('after', '\nExample:\n  npm run projections -- switch inbox 1')
  .action((projection: string, generation: number, options: Allowed) =>
    switchProjection(projection, generation, options, console.log),
  );

program
  .command('reset')
  .description(
    'lets a projection begin anew, with no rows: after the event store or the database was restored',
  )
  .argument('<projection>')
  .option('--at-end', 'for a projection of messages: nothing for what is in the log now')
  .option('--from-beginning', 'for a projection of messages: everything in the log once more')
  .addHelpText(
    'after',
    '\nExamples:\n  npm run projections -- reset inbox\n  npm run projections -- reset publisher --at-end',
  )
  .action((projection: string, options: ResetOptions) => resetProjection(projection, options, console.log));

program
  .command('drop')
  .description('forgets a generation that is not shown')
  .argument('<projection>')
  .argument('<generation>', 'its number', number)
  .addHelpText('after', '\nExample:\n  npm run projections -- drop inbox 1')
  .action((projection: string, generation: number) => dropGenerationOf(projection, generation, console.log));

program
  .command('generations')
  .description('lists the generations of a projection')
  .argument('<projection>')
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample:\n  npm run projections -- generations inbox')
  .action((projection: string, { json = false }: { json?: boolean }) =>
    showGenerations(projection, json, console.log),
  );

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
