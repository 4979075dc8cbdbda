import 'reflect-metadata';
import { createTool, formatExamples, parseInteger, print, runTool, type Command } from '#libs/cli';
import { withAudit } from '#libs/operator-actions';
import { withPool } from './operators/connections.js';
import { runParked, runParkedAction } from './operators/parked.cli.js';
import {
  runDrop,
  runGenerations,
  runRebuild,
  runReset,
  runSwitch,
  type ActivationOptions,
  type ResetOptions,
} from './operators/rebuild.cli.js';
import { runRepairConnections } from './operators/repair-connections.cli.js';
import { runStatus, type StatusOptions } from './operators/status.cli.js';
import { runSweepMembers, type SweepOptions } from './operators/sweep-members.cli.js';

const examples = (...lines: string[]) => formatExamples('npm run projections --', ...lines);

const program = createTool(
  'projections',
  'Shows the status of the projections, rebuilds them, and retries or skips events that they could not handle. ' +
    'Needs DATABASE_URL and, for commands that read the log, EVENTSTORE_URL.',
);

program
  .command('parked')
  .description('lists parked accounts, each with the event that its projection could not handle')
  .argument('[projection]', 'only this projection')
  .option('--json', 'as JSON')
  .addHelpText('after', examples('parked inbox --json'))
  .action((projection: string | undefined, { json = false }: { json?: boolean }) =>
    withPool((pool) => runParked(pool, projection, json, print)),
  );

const BY_THE_WORKER = "The worker that owns the account's slice does this; the command waits for the result";

program
  .command('retry')
  .description(`applies the queued events of a parked account again, after a fix. ${BY_THE_WORKER}`)
  .argument('<projection>')
  .argument('<account>')
  .option('--wait <seconds>', 'how long to wait for the result', '15')
  .addHelpText('after', examples('retry inbox amal'))
  .action((projection: string, account: string, { wait }: { wait: string }) =>
    withPool((pool) =>
      runParkedAction(pool, { action: 'retry' }, projection, account, Number(wait) * 1000, print),
    ),
  );

program
  .command('skip')
  .description(
    `skips the event that failed, which this projection then lacks, and applies the queued events behind it. ${BY_THE_WORKER}`,
  )
  .argument('<projection>')
  .argument('<account>')
  .argument('<event>', 'id of the event, as listed by parked')
  .option('--wait <seconds>', 'how long to wait for the result', '15')
  .addHelpText('after', examples('skip inbox amal 5a3e2f0c-7d1b-5c44-9e0a-2b6f8d9c1e37'))
  .action((projection: string, account: string, eventId: string, { wait }: { wait: string }) =>
    withPool((pool) =>
      runParkedAction(pool, { action: 'skip', eventId }, projection, account, Number(wait) * 1000, print),
    ),
  );

program
  .command('status')
  .description(
    'shows position, lag in events and in seconds, events per second, owners of slices and parked accounts',
  )
  .argument('[projection]', 'only this projection')
  .option('--slices', 'also every slice with its owner')
  .option('--json', 'as JSON')
  .addHelpText('after', examples('status inbox --slices'))
  .action((projection: string | undefined, options: StatusOptions) => runStatus(projection, options, print));

const withActivationOptions = (command: Command): Command =>
  command
    .option(
      '--expect-changes',
      'activate the generation although its rows differ, and print a sample of them',
    )
    .option('--allow-parked', 'activate it although accounts are parked')
    .option('--show-values', "print the different values, not only the columns; they may be members' texts");

withActivationOptions(program.command('rebuild'))
  .description(
    'builds a new generation from the log, compares it with the live one, and activates it if they agree',
  )
  .argument('<projection>')
  .option('--fresh', 'drop what an interrupted rebuild has built, and start again')
  .addHelpText('after', examples('rebuild inbox'))
  .action((projection: string, options: ActivationOptions & { fresh?: boolean }) =>
    runRebuild(projection, options, print),
  );

withActivationOptions(program.command('switch'))
  .description('catches up another generation and activates it, for example the previous one')
  .argument('<projection>')
  .argument('<generation>', 'its number', parseInteger(1))
  .addHelpText('after', examples('switch inbox 1'))
  .action((projection: string, generation: number, options: ActivationOptions) =>
    runSwitch(projection, generation, options, print),
  );

program
  .command('reset')
  .description(
    'resets projections: deletes their rows and replays the log. For use after the event store or the database was restored',
  )
  .argument('<projections...>')
  .option('--at-end', 'for a projection of messages: send none for the events that are in the log')
  .option('--from-beginning', 'for a projection of messages: send all messages of the log again')
  .addHelpText('after', examples('reset inbox archive', 'reset publisher --at-end'))
  .action((projections: string[], options: ResetOptions) => runReset(projections, options, print));

program
  .command('drop')
  .description('deletes a generation that is not live')
  .argument('<projection>')
  .argument('<generation>', 'its number', parseInteger(1))
  .addHelpText('after', examples('drop inbox 1'))
  .action((projection: string, generation: number) => runDrop(projection, generation, print));

program
  .command('repair-connections')
  .description(
    'finds accepted invitations whose connection is recorded on one side only, and issues the command for the other ' +
      'side again. Needs KAFKA_BROKERS as well',
  )
  .option('--dry-run', 'only list them')
  .option('--wait <seconds>', 'how long to wait until they are recorded', '30')
  .addHelpText('after', examples('repair-connections --dry-run'))
  .action((options: { dryRun?: boolean; wait: string }) => runRepairConnections(options, print));

program
  .command('generations')
  .description('lists the generations of a projection')
  .argument('<projection>')
  .option('--json', 'as JSON')
  .addHelpText('after', examples('generations inbox'))
  .action((projection: string, { json = false }: { json?: boolean }) =>
    runGenerations(projection, json, print),
  );

program
  .command('sweep-members')
  .description(
    'reads the whole topic of profiles and removes members that it no longer holds. Needs KAFKA_BROKERS',
  )
  .option('--dry-run', 'only print their number')
  .option('--force', 'remove members even if so many are missing that the topic looks wrong')
  .addHelpText('after', examples('sweep-members --dry-run'))
  .action((options: SweepOptions) => runSweepMembers(options, print));

const CHANGES = [
  'retry',
  'skip',
  'rebuild',
  'switch',
  'reset',
  'drop',
  'repair-connections',
  'sweep-members',
];

await runTool(withAudit(program, CHANGES, withPool));
