import 'reflect-metadata';
import { closeAccount } from '#libs/account-closing';
import { findProjectedAccounts } from '#libs/account-state';
import {
  CliError,
  createTool,
  formatExamples,
  InvalidArgumentError,
  print,
  runTool,
  UsageError,
} from '#libs/cli';
import { MEMBER_ID, Topics } from '#libs/contracts';
import {
  createKafka,
  kafkaSettings,
  Producer,
  WithKafka,
  WithTopics,
  type ProducerMessage,
} from '#libs/kafka';
import { operatorActionOf, startAction, withOperator } from '#libs/operator-actions';
import {
  createLogger,
  createPool,
  isProduction,
  IsOptionalSecrets,
  loadConfig,
  NoConfig,
  parseDurationMs,
  parseInternalSecrets,
  postgresConnection,
  WithPostgres,
  type Queryable,
} from '#libs/platform';
import { findMemberFacts } from '#libs/profiles';

/* Closes the account of a member who leaves (D23): `npm run tool -- close-account --help`. */

/** The part of the command app's environment that this tool needs. */
class CloseAccountConfig extends WithTopics(WithKafka(WithPostgres(NoConfig))) {
  /** The command app's secrets, of which the first signs. */
  @IsOptionalSecrets()
  OPERATOR_COMMAND_SECRETS?: string;
}

interface Options {
  readonly timeout?: number;
  readonly dryRun?: true;
}

const DEFAULT_TIMEOUT = 'PT30S';

const tool = createTool(
  'close-account',
  'Closes the account of a member for ever, because they leave the network. From then on it sends nothing, its invitations cannot be ' +
    'answered, and its owner can do nothing; its invitations and its connections end within seconds. No texts are erased. ' +
    'An account that is closed already stays as it is. Signs the command with the first secret of OPERATOR_COMMAND_SECRETS.',
)
  .argument('<memberId>', 'the member whose account is closed', parseMemberId)
  .option(
    '--timeout <duration>',
    `how long to wait for the outcome; ${DEFAULT_TIMEOUT} by default`,
    parseTimeout,
  )
  .option('--dry-run', 'only say what would be done')
  .addHelpText('after', formatExamples('npm run tool -- close-account', '4711 --why "ticket 17" --dry-run'))
  .action((memberId: string, options: Options) => run(memberId, options));

const program = withOperator(tool);

await runTool(program, { errorPrefix: 'close-account' });

function parseMemberId(text: string): string {
  if (!MEMBER_ID.test(text)) throw new InvalidArgumentError('the id of a member: letters, digits, _ and -');
  return text;
}

function parseTimeout(text: string): number {
  try {
    return parseDurationMs(text);
  } catch {
    throw new InvalidArgumentError(`an ISO 8601 duration, such as ${DEFAULT_TIMEOUT}`);
  }
}

async function run(
  memberId: string,
  { timeout = parseTimeout(DEFAULT_TIMEOUT), dryRun }: Options,
): Promise<void> {
  const config = loadConfig(CloseAccountConfig);
  const secret = readSecret(config);
  const operatorId = readOperator();
  const logger = createLogger('close-account', 'silent');
  const pool = createPool({ ...postgresConnection(config), app: 'close-account', max: 1 }, logger);
  try {
    if (await isClosed(pool, memberId)) return print(`The account of ${memberId} is already closed.`);
    if (dryRun) return print(`The account of ${memberId} would be closed. Nothing was changed.`);
    const finish = await startAction(operatorActionOf(program, program), pool);
    await close(config, pool, { memberId, operatorId, secret, timeoutMs: timeout });
    await finish();
    print(`The account of ${memberId} is closed. Its invitations and connections end within seconds.`);
  } finally {
    await pool.end();
  }
}

/** @throws CliError where the command app would take an unsigned command for a forged one */
function readSecret(config: CloseAccountConfig): string | undefined {
  const { OPERATOR_COMMAND_SECRETS: secrets } = config;
  if (secrets === undefined && isProduction(config))
    throw new CliError(
      'OPERATOR_COMMAND_SECRETS is not set: the command app refuses a command that is not signed with one of its secrets',
    );
  return secrets === undefined ? undefined : parseInternalSecrets(secrets)[0];
}

/** The operator is stored with the event. @throws UsageError */
function readOperator(): string {
  const { operator } = program.opts<{ operator: string }>();
  if (!MEMBER_ID.test(operator))
    throw new UsageError(
      '--operator is stored with the event: use at most 64 letters, digits, _ and -, and no address',
    );
  return operator;
}

/** @throws UsageError for an unknown member */
async function isClosed(db: Queryable, memberId: string): Promise<boolean> {
  const { accounts, closed } = await findProjectedAccounts(
    db,
    [{ accountId: memberId, entries: [] }],
    [memberId],
  );
  if (closed.has(memberId) || accounts.has(memberId)) return closed.has(memberId);
  const { recipients, removed } = await findMemberFacts(db, [memberId], [memberId]);
  if (recipients.has(memberId) || removed.has(memberId)) return false;
  throw new UsageError(
    `there is no member ${memberId}: the service knows no profile and no account with this id`,
  );
}

interface Closing {
  readonly memberId: string;
  readonly operatorId: string;
  readonly secret: string | undefined;
  readonly timeoutMs: number;
}

/** @throws CliError if the command was refused or rejected, or has no outcome before the timeout */
async function close(
  config: CloseAccountConfig,
  db: Queryable,
  { memberId, operatorId, secret, timeoutMs }: Closing,
): Promise<void> {
  const kafka = createKafka(
    { ...kafkaSettings(config), clientId: 'close-account', retries: 3 },
    createLogger('close-account', 'silent'),
  );
  const producer = new Producer(kafka);
  await producer.connect();
  try {
    const servers = {
      db,
      kafka,
      topics: new Topics(config.TOPIC_PREFIX),
      groupPrefix: config.GROUP_PREFIX,
      secret,
      send: (message: ProducerMessage) => producer.send([message]),
    };
    const refusal = await closeAccount(servers, memberId, operatorId, timeoutMs);
    if (refusal !== undefined)
      throw new CliError(`the command was refused with ${refusal}: the account's stream is tombstoned`);
  } finally {
    await producer.disconnect();
  }
}
