import 'reflect-metadata';
import { IsOptional, IsString } from 'class-validator';
import {
  Argument,
  collect,
  createTool,
  formatExamples,
  InvalidArgumentError,
  print,
  runTool,
  type Command,
} from '#libs/cli';
import { Topics, UUID } from '#libs/contracts';
import { WithEventStoreLogin } from '#libs/event-store';
import { WithTopics } from '#libs/kafka';
import { withAudit } from '#libs/operator-actions';
import {
  createLogger,
  createPool,
  IsDuration,
  loadConfig,
  NoConfig,
  parseDurationMs,
  WithPostgres,
  type Pool,
  postgresConnection,
} from '#libs/platform';
import { listDeadLetters, redriveDeadLetters, showDeadLetter } from './ledger/dead-letters.cli.js';
import { resend, showSummary } from './ledger/deliveries.cli.js';
import { showInvitation } from './ledger/invitation.cli.js';
import { bounce, sweepMembersNow, unbounce, type SweepOptions } from './ledger/members.cli.js';
import { PREFERENCE_OF } from './preferences/preferences.table.js';

/* The command line for operators on the ledger, the table of all e-mails: `npm run mail:ledger -- --help`. */

class LedgerConfig extends WithEventStoreLogin(WithTopics(WithPostgres(NoConfig))) {
  /** Used by `invitation`, for events that are never published. */
  @IsOptional()
  @IsString()
  EVENTSTORE_URL?: string;

  /** Must have the value of the app: an older event is not mailed again either. */
  @IsDuration()
  MAIL_MAX_AGE = parseDurationMs('P3D');

  /** The consumer group of the app, after GROUP_PREFIX. The name of the group of `sweep-members` begins with it. */
  @IsString()
  KAFKA_GROUP = 'notification';
}

interface JsonOption {
  readonly json?: boolean;
}

async function withPool(work: (pool: Pool, config: LedgerConfig) => Promise<void>): Promise<void> {
  const config = loadConfig(LedgerConfig);
  // The pool does not log: its error is printed at the end.
  const logger = createLogger('mail-ledger', 'silent');
  const pool = createPool({ ...postgresConnection(config), app: 'mail-ledger', max: 2 }, logger);
  try {
    await work(pool, config);
  } finally {
    await pool.end();
  }
}

function parsePlace(text: string): string {
  if (!/^[A-Za-z0-9._-]+\/\d{1,9}@\d{1,19}$/.test(text))
    throw new InvalidArgumentError('a place must be <topic>/<partition>@<offset>, as list prints it');
  return text;
}

function parseEventId(text: string): string {
  if (!UUID.test(text)) throw new InvalidArgumentError('an event id must be a UUID');
  return text;
}

const examples = (...lines: string[]) => formatExamples('npm run mail:ledger --', ...lines);

const program = createTool(
  'mail:ledger',
  'Shows the state of every e-mail with its reason, and repairs it. Prints members by their ids, and neither addresses nor texts.',
);

program
  .command('invitation', { isDefault: true })
  .description(
    'shows the history of one invitation: every e-mail, and every suppressed or omitted e-mail with the reason',
  )
  .argument('<invitationId>')
  .option('--json', 'print JSON')
  .addHelpText('after', examples('amal.3f0c8a52-6a0f-4a35-9f0e-5b1c6f1d2e3a', 'invitation <id> --json'))
  .action((invitationId: string, { json }: JsonOption) =>
    withPool((pool, { EVENTSTORE_URL, ...login }) => {
      const eventStore = EVENTSTORE_URL === undefined ? undefined : { ...login, EVENTSTORE_URL };
      return showInvitation(pool, eventStore, invitationId, json === true, print);
    }),
  );

program
  .command('summary')
  .description('counts e-mails by state, and lists those of unknown outcome')
  .option('--json', 'print JSON')
  .addHelpText('after', examples('summary'))
  .action(({ json }: JsonOption) => withPool((pool) => showSummary(pool, json === true, print)));

program
  .command('resend')
  .description('sends an e-mail of unknown outcome again; its recipient may then get it twice')
  .argument('<eventId>', 'as invitation and summary print it', parseEventId)
  .addArgument(new Argument('<kind>').choices(Object.keys(PREFERENCE_OF)))
  .addHelpText('after', examples('resend 3f0c8a52-6a0f-5a35-9f0e-5b1c6f1d2e3a reply'))
  .action((eventId: string, kind: string) =>
    withPool((pool, { MAIL_MAX_AGE }) => resend(pool, eventId, kind, MAIL_MAX_AGE, print)),
  );

program
  .command('bounce')
  .description('suppresses an address: nothing is sent to it any more. For bounces that came back as e-mails')
  .argument('<whom>', "a member's id, for the address that they have now, or an address")
  .addHelpText('after', examples('bounce bilal'))
  .action((whom: string) => withPool((pool) => bounce(pool, whom, print)));

program
  .command('unbounce')
  .description('lifts the suppression of an address')
  .argument('<whom>', "a member's id, for the address that they have now, or an address")
  .addHelpText('after', examples('unbounce bilal'))
  .action((whom: string) => withPool((pool) => unbounce(pool, whom, print)));

program
  .command('sweep-members')
  .description(
    'reads the whole topic of profiles, and deletes members that it no longer holds. Needs KAFKA_BROKERS',
  )
  .option('--dry-run', 'only print how many')
  .option('--force', 'delete members even if so many are missing that the topic looks wrong')
  .addHelpText('after', examples('sweep-members --dry-run'))
  .action((options: SweepOptions) =>
    withPool((pool, { KAFKA_GROUP, TOPIC_PREFIX, GROUP_PREFIX }) =>
      sweepMembersNow(
        pool,
        { topic: new Topics(TOPIC_PREFIX).profiles, group: GROUP_PREFIX + KAFKA_GROUP },
        options,
        print,
      ),
    ),
  );

const deadLetters = program
  .command('dead-letters')
  .description('lists, shows and redrives messages that were invalid')
  .addHelpText('after', examples('dead-letters list', 'dead-letters redrive --all --dry-run'));

deadLetters
  .command('list')
  .description(
    'prints a line for each dead letter: the place of its message and the reason. Prints no values',
  )
  .option('--json', 'print JSON')
  .addHelpText('after', examples('dead-letters list --json'))
  .action(({ json }: JsonOption) => withPool((pool) => listDeadLetters(pool, json === true, print)));

deadLetters
  .command('show')
  .description('prints one dead letter with its headers and its value. The value may hold personal data')
  .argument('<place>', '<topic>/<partition>@<offset>, as list prints it', parsePlace)
  .option('--json', 'print JSON')
  .addHelpText('after', examples('dead-letters show invitations.sent/3@17'))
  .action((place: string, { json }: JsonOption) =>
    withPool((pool) => showDeadLetter(pool, place, json === true, print)),
  );

deadLetters
  .command('redrive')
  .description('handles dead letters again that this version of the app can read')
  .argument('[places...]', '<topic>/<partition>@<offset>', collect(parsePlace))
  .option('--all', 'all dead letters that were not redriven yet')
  .option('--dry-run', 'only print what it would do')
  .addHelpText('after', examples('dead-letters redrive invitations.sent/3@17', 'dead-letters redrive --all'))
  .action(
    async (
      places: string[],
      { all = false, dryRun = false }: { all?: boolean; dryRun?: boolean },
      command: Command,
    ) => {
      if (all === places.length > 0) command.error('error: give either places or --all');
      await withPool((pool, { MAIL_MAX_AGE, TOPIC_PREFIX }) =>
        redriveDeadLetters(
          new Topics(TOPIC_PREFIX),
          pool,
          all ? undefined : places,
          dryRun,
          MAIL_MAX_AGE,
          print,
        ),
      );
    },
  );

const CHANGES = ['resend', 'bounce', 'unbounce', 'sweep-members', 'dead-letters redrive'];

await runTool(withAudit(program, CHANGES, withPool), { errorPrefix: 'mail:ledger' });
