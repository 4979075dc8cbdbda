import 'reflect-metadata';
import { createTool, formatExamples, parseInteger, print, runTool } from '#libs/cli';
import { operatorActionOf, startAction, withOperator } from '#libs/operator-actions';
import { runRewrapKeys, type RewrapOptions } from './operators/rewrap-keys.cli.js';

const program = withOperator(
  createTool(
    'rewrap-keys',
    "Wraps the keys of authors again that are not wrapped with the first key of TEXT_KEYS, so that an old key can go. Members' texts " +
      'are not touched, and every app can read them meanwhile. Run it again after an interruption: it does what is left. Needs ' +
      'DATABASE_URL and TEXT_KEYS, which must list every key that wraps one.',
  ),
)
  .option('--dry-run', 'only print how many keys each wrapping key wraps')
  .option('--batch <keys>', 'keys that are wrapped in one statement', parseInteger(1), 500)
  .addHelpText('after', formatExamples('npm run tool -- rewrap-keys', '--dry-run', '--why "yearly rotation"'))
  .action((options: RewrapOptions) =>
    runRewrapKeys(options, (pool) => startAction(operatorActionOf(program, program), pool), print),
  );

await runTool(program, { errorPrefix: 'rewrap-keys' });
