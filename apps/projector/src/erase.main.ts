import 'reflect-metadata';
import {
  createTool,
  formatExamples,
  InvalidArgumentError,
  parseInteger,
  print,
  runTool,
  UsageError,
} from '#libs/cli';
import { MEMBER_ID } from '#libs/contracts';
import { operatorActionOf, startAction, withOperator } from '#libs/operator-actions';
import { runErase, runVerify } from './erasure/erase.cli.js';
import { readKnownData } from './erasure/known-data.js';

interface EraseOptions {
  readonly verify?: boolean;
  readonly known?: string;
  readonly json?: boolean;
  readonly wait: number;
}

function parseMemberId(text: string): string {
  if (!MEMBER_ID.test(text)) throw new InvalidArgumentError('not a member id');
  return text;
}

const program = withOperator(
  createTool(
    'erase',
    'Erases a member for ever: closes the account, deletes the key of their texts, deletes their rows, and removes their profile. ' +
      'Run it again after an interruption: it goes on with what is left. ' +
      'Needs DATABASE_URL, EVENTSTORE_URL, KAFKA_BROKERS and, in production, OPERATOR_COMMAND_SECRETS.',
  ),
)
  .argument('<memberId>', 'the member', parseMemberId)
  .option(
    '--verify',
    'change nothing, and look for what is left of the member; exits with 1 if something is found',
  )
  .option(
    '--known <file>',
    'JSON with names, addresses, texts, or digests of them: see docs/erasure.md. - reads it from standard input',
  )
  .option('--json', 'with --verify: print JSON')
  .option('--wait <seconds>', 'how long to wait until the account is closed', parseInteger(0), 30)
  .addHelpText('after', formatExamples('npm run tool -- erase', 'amal', '--verify amal --known known.json'))
  .action(async (memberId: string, { verify, known: file, json, wait }: EraseOptions) => {
    const known = file === undefined ? {} : await readKnownData(file);
    if (verify === true) {
      if (file === undefined) throw new UsageError('--verify needs --known: what to look for');
      return runVerify(memberId, known, json === true, print);
    }
    const audit = (pool: Parameters<typeof startAction>[1]) =>
      startAction(operatorActionOf(program, program), pool);
    return runErase(memberId, known, { waitMs: wait * 1_000, audit }, print);
  });

await runTool(program, { errorPrefix: 'erase' });
