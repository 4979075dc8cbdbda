import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { CliError, createTool, formatExamples, print, runTool, UsageError } from '#libs/cli';
import {
  closeEventStore,
  connectEventStore,
  eventStoreCheck,
  INSTALLATION_USERS,
  planAccess,
  WithEventStore,
  type AccessChange,
  type AccessPlan,
} from '#libs/event-store';
import { operatorActionOf, startAction, withOperator } from '#libs/operator-actions';
import {
  checkServer,
  createLogger,
  createPool,
  loadConfig,
  NoConfig,
  postgresConnection,
  WithPostgres,
  type Pool,
} from '#libs/platform';

/* Creates the users of this service in EventStoreDB: `npm run tool -- event-store-users --help`. */

class UsersConfig extends WithEventStore(NoConfig) {}
/** For the record of changes. An administrator of the event store may have no access to the database. */
class RecordConfig extends WithPostgres(NoConfig) {}

interface Options {
  readonly passwords: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly keepStreamDefaults?: boolean;
}

const logins = INSTALLATION_USERS.map(({ login }) => login);

const tool = createTool(
  'event-store-users',
  'Creates the users of this service in EventStoreDB, sets their passwords, and gives them the rights that they need. Shows ' +
    'what it would change, and changes it only if you agree. A second run changes nothing. To rotate a password, replace its ' +
    'file and run this again. EVENTSTORE_USERNAME and EVENTSTORE_PASSWORD_FILE must be those of an administrator. A run that ' +
    'changes something is recorded in the log at AUDIT_LOG and, only if DATABASE_URL is set, in the table ' +
    'read_models.operator_actions.',
)
  .requiredOption(
    '--passwords <directory>',
    `a directory with a file for the password of each user: ${logins.join(', ')}`,
  )
  .option('--dry-run', 'only show what would be changed')
  .option('--yes', 'change it without asking')
  .option(
    '--keep-stream-defaults',
    "do not narrow the default rights of users' streams: for an event store that other applications use, too",
  )
  .addHelpText(
    'after',
    formatExamples(
      'npm run tool -- event-store-users',
      '--passwords ./passwords --dry-run',
      '--passwords ./passwords',
    ),
  )
  .action((options: Options) => run(options));

const program = withOperator(tool);

await runTool(program, { errorPrefix: 'event-store-users' });

async function run({ passwords, dryRun, yes, keepStreamDefaults = false }: Options): Promise<void> {
  const config = loadConfig(UsersConfig);
  const options = { passwords: readPasswords(passwords), keepStreamDefaults };
  await checkServer(eventStoreCheck(config, 'administers'));
  const client = connectEventStore(config);
  try {
    const plan = await planAccess(client, config, options);
    printPlan(plan);
    if (plan.changes.length === 0) return;
    if (dryRun === true) return print('Nothing was changed, because of --dry-run.');
    if (yes !== true && !(await isConfirmed(plan.changes.length))) return print('Nothing was changed.');
    await recorded(() => applyAll(plan.changes));
    print('All changes were made.');
  } finally {
    await closeEventStore(client);
  }
}

/** Records the run before it changes something, and that it has succeeded. */
async function recorded(change: () => Promise<void>): Promise<void> {
  const action = operatorActionOf(program, program);
  const pool = openRecord();
  try {
    const finish = await startAction(action, pool);
    await change();
    await finish();
  } finally {
    await pool?.end();
  }
}

function openRecord(): Pool | undefined {
  if (!process.env['DATABASE_URL']) return undefined;
  const connection = postgresConnection(loadConfig(RecordConfig));
  return createPool({ ...connection, app: 'event-store-users', max: 1 }, createLogger('tool', 'silent'));
}

/** @throws CliError that names the file, and not its content */
function readPasswords(directory: string): ReadonlyMap<string, string> {
  const passwords = new Map<string, string>();
  for (const login of logins) {
    let text = '';
    try {
      text = readFileSync(join(directory, login), 'utf8').replace(/\r?\n$/, '');
    } catch {
      throw new CliError(`--passwords has no file ${login} that this user can read`);
    }
    if (text === '') throw new CliError(`the file ${login} in --passwords is empty`);
    passwords.set(login, text);
  }
  return passwords;
}

async function applyAll(changes: readonly AccessChange[]): Promise<void> {
  for (const [index, change] of changes.entries()) {
    try {
      await change.apply();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CliError(
        `${index} of ${changes.length} changes made; failed to ${change.description}: ${reason}; run this again`,
      );
    }
  }
}

function printPlan({ changes, notes }: AccessPlan): void {
  print(changes.length === 0 ? 'Users and rights are as they should be.' : 'To be changed:');
  for (const { description } of changes) print(`  - ${description}`);
  for (const note of notes) print(`Note: ${note}.`);
}

/** @throws UsageError where nobody can answer */
async function isConfirmed(count: number): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError('nobody can be asked here: give --yes to change this');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test(await terminal.question(`Make these ${count} changes? [y/N] `));
  } finally {
    terminal.close();
  }
}
