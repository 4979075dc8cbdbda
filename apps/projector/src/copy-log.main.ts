import 'reflect-metadata';
import { createTool, formatExamples, runTool } from '#libs/cli';
import { operatorActionOf, startAction, withOperator } from '#libs/operator-actions';
import { runCopyLog } from './operators/copy-log.cli.js';

const program = withOperator(
  createTool(
    'copy-log',
    'Copies the events of all accounts into an empty event store, and encrypts the texts from before they were encrypted, so that they can ' +
      'be erased. All apps must be stopped. Run it again after an interruption: it goes on after the last event of the copy. Needs ' +
      'EVENTSTORE_URL, DATABASE_URL and TEXT_KEYS. Both event stores have the same login.',
  ),
)
  .requiredOption('--to <url>', 'the empty event store: esdb://host:2113')
  .addHelpText('after', formatExamples('npm run tool -- copy-log', '--to esdb://new-event-store:2113'))
  .action(({ to }: { readonly to: string }) =>
    runCopyLog(to, (pool) => startAction(operatorActionOf(program, program), pool), process.stderr),
  );

await runTool(program, { errorPrefix: 'copy-log' });
