import 'reflect-metadata';
import { Argument, Command, CommanderError, InvalidArgumentError } from 'commander';
import { IsNotEmpty, IsOptional, IsString } from 'class-validator';
import { UUID } from '#libs/contracts';
import { createLogger, createPool, loadConfig, type Pool } from '#libs/platform';
import { PREFERENCE_OF } from './deliveries/delivery.js';
import { bounce, unbounce } from './ledger/bounce.js';
import { listDeadLetters, redrive, showDeadLetter } from './ledger/dead-letters.js';
import { resend } from './ledger/resend.js';
import { showInvitation } from './ledger/show-invitation.js';
import { showSummary } from './ledger/summary.js';

/* The command line on the ledger of e-mails, for operators: `npm run mail:ledger -- --help`. */

class LedgerConfig {
  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;

  /** For the events that are never published. */
  @IsOptional()
  @IsString()
  EVENTSTORE_URL?: string;
}

interface Json {
  readonly json?: boolean;
}

const print = (text: string) => void process.stdout.write(`${text}\n`);

async function withPool(work: (pool: Pool, config: LedgerConfig) => Promise<void>): Promise<void> {
  const config = loadConfig(LedgerConfig);
  // What the pool logs is not for whoever waits for an answer: an error says it in the end.
  const logger = createLogger('mail-ledger', 'silent');
  const pool = createPool({ url: config.DATABASE_URL, app: 'mail-ledger', max: 2 }, logger);
  try {
    await work(pool, config);
  } finally {
    await pool.end();
  }
}

function placeOf(text: string): string {
  if (!/^[A-Za-z0-9._-]+\/\d{1,9}@\d{1,19}$/.test(text))
    throw new InvalidArgumentError('a place is <topic>/<partition>@<offset>, as list shows it');
  return text;
}

function eventIdOf(text: string): string {
  if (!UUID.test(text)) throw new InvalidArgumentError('an event id is a UUID');
  return text;
}

const example = (...lines: string[]) =>
  `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.map((line) => `  npm run mail:ledger -- ${line}`).join('\n')}`;

const program = new Command('mail:ledger')
  .description('What became of every e-mail, and why. Shows members by their ids, no addresses and no texts.')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true });

program
  .command('invitation', { isDefault: true })
  .description('the history of one invitation: every mail, and every rightful silence with its rule')
  .argument('<invitationId>')
  .option('--json', 'as JSON')
  .addHelpText('after', example('amal.3f0c8a52-6a0f-4a35-9f0e-5b1c6f1d2e3a', 'invitation <id> --json'))
  .action((invitationId: string, { json }: Json) =>
    withPool((pool, { EVENTSTORE_URL }) =>
      showInvitation(pool, EVENTSTORE_URL, invitationId, json === true, print),
    ),
  );

program
  .command('summary')
  .description('how many of what, what waits for the longest, and what is of unknown outcome')
  .option('--json', 'as JSON')
  .addHelpText('after', example('summary'))
  .action(({ json }: Json) => withPool((pool) => showSummary(pool, json === true, print)));

program
  .command('resend')
  .description('sends an e-mail of unknown outcome again, which its recipient may then have twice')
  .argument('<eventId>', 'as the history and the summary show it', eventIdOf)
  .addArgument(new Argument('<kind>').choices(Object.keys(PREFERENCE_OF)))
  .addHelpText('after', example('resend 3f0c8a52-6a0f-5a35-9f0e-5b1c6f1d2e3a reply'))
  .action((eventId: string, kind: string) => withPool((pool) => resend(pool, eventId, kind, print)));

program
  .command('bounce')
  .description('sends nothing more to an address: for bounces that came back as mail')
  .argument('<whom>', "a member's id, for the address that they have now, or an address")
  .addHelpText('after', example('bounce bilal'))
  .action((whom: string) => withPool((pool) => bounce(pool, whom, print)));

program
  .command('unbounce')
  .description('sends to an address again that was suppressed')
  .argument('<whom>', "a member's id, for the address that they have now, or an address")
  .addHelpText('after', example('unbounce bilal'))
  .action((whom: string) => withPool((pool) => unbounce(pool, whom, print)));

const deadLetters = program
  .command('dead-letters')
  .description('messages that were not what their topic carries')
  .addHelpText('after', example('dead-letters list', 'dead-letters redrive --all --dry-run'));

deadLetters
  .command('list')
  .description('a line for each: where its message stood, and why it was set aside. Shows no values')
  .option('--json', 'as JSON')
  .addHelpText('after', example('dead-letters list --json'))
  .action(({ json }: Json) => withPool((pool) => listDeadLetters(pool, json === true, print)));

deadLetters
  .command('show')
  .description('one with its headers and its value. The value may be personal: mind who sees it')
  .argument('<place>', '<topic>/<partition>@<offset>, as list shows it', placeOf)
  .option('--json', 'as JSON')
  .addHelpText('after', example('dead-letters show invitations.sent/3@17'))
  .action((place: string, { json }: Json) =>
    withPool((pool) => showDeadLetter(pool, place, json === true, print)),
  );

deadLetters
  .command('redrive')
  .description('handles messages again, for those that this version of the app can read')
  .argument('[places...]', '<topic>/<partition>@<offset>', (text: string, before: string[] | undefined) => [
    ...(before ?? []),
    placeOf(text),
  ])
  .option('--all', 'every one that was not re-driven yet')
  .option('--dry-run', 'only says what it would do')
  .addHelpText('after', example('dead-letters redrive invitations.sent/3@17', 'dead-letters redrive --all'))
  .action(
    async (
      places: string[],
      { all = false, dryRun = false }: { all?: boolean; dryRun?: boolean },
      command: Command,
    ) => {
      if (all === places.length > 0) command.error('error: name places, or --all');
      await withPool((pool) => redrive(pool, all ? undefined : places, dryRun, print));
    },
  );

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`mail:ledger: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** Of several addresses that cannot be reached, pg makes an error without a text. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
