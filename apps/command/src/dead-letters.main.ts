import 'reflect-metadata';
import {
  collect,
  createTool,
  formatExamples,
  InvalidArgumentError,
  print,
  printToStderr,
  runTool,
  showStatus,
  type Command,
} from '#libs/cli';
import { Topics } from '#libs/contracts';
import {
  createKafka,
  kafkaSettings,
  Producer,
  WithKafka,
  WithTopics,
  type UndecodableBatch,
} from '#libs/kafka';
import { withAudit } from '#libs/operator-actions';
import {
  createLogger,
  createPool,
  loadConfig,
  NoConfig,
  parseDurationMs,
  WithPostgres,
  postgresConnection,
} from '#libs/platform';
import { DeadLetterReader, type Selection } from './dead-letters/dead-letter-reader.js';
import { list, show } from './dead-letters/print-dead-letters.js';
import { redrive } from './dead-letters/redrive.js';

/* The command line for the dead-letter topic of commands: `npm run dead-letters -- --help`. */

/** The part of the command app's environment that this tool needs. */
class DeadLettersConfig extends WithTopics(WithKafka(WithPostgres(NoConfig))) {}

/** Opens the connections for a command, and closes them afterwards. */
async function withConnections(
  work: (servers: {
    topics: Topics;
    kafka: ReturnType<typeof createKafka>;
    pool: ReturnType<typeof createPool>;
    reader: DeadLetterReader;
  }) => Promise<void>,
): Promise<void> {
  const config = loadConfig(DeadLettersConfig);
  const topics = new Topics(config.TOPIC_PREFIX);
  // Silent, because the final error says what failed. The clients' retries would only clutter the terminal.
  const logger = createLogger('dead-letters', 'silent');
  const kafka = createKafka({ ...kafkaSettings(config), clientId: 'dead-letters', retries: 3 }, logger);
  const pool = createPool({ ...postgresConnection(config), app: 'dead-letters', max: 1 }, logger);
  try {
    const reader = new DeadLetterReader(
      topics,
      config.GROUP_PREFIX,
      kafka,
      pool,
      (count) => showStatus(`${count} read…`),
      warnOfUndecodable,
    );
    await work({ topics, kafka, pool, reader });
  } finally {
    showStatus('');
    await pool.end();
  }
}

function warnOfUndecodable({ partition, firstOffset, lastOffset, reason }: UndecodableBatch): void {
  showStatus('');
  const where = `${partition}@${firstOffset} to ${lastOffset}`;
  printToStderr(`dead-letters: ${where} of the dead-letter topic cannot be decoded: ${reason}`);
}

function parsePlace(text: string): string {
  if (!/^\d{1,9}@\d{1,19}$/.test(text))
    throw new InvalidArgumentError('a place is <partition>@<offset>, as list shows it');
  return text;
}

function parseSince(text: string): number {
  try {
    return text.startsWith('P') ? Date.now() - parseDurationMs(text) : parseInstant(text);
  } catch {
    throw new InvalidArgumentError('an ISO 8601 instant, or a duration such as PT1H for the last hour');
  }
}

function parseInstant(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new RangeError(text);
  return ms;
}

type Filters = Pick<Selection, 'reason' | 'type' | 'since'>;

const filtered = (command: Command) =>
  command
    .option('--reason <text>', 'only those whose reason contains this text')
    .option('--type <text>', 'only those whose ce_type contains this text')
    .option(
      '--since <time>',
      'only those since this time: an instant, or a duration such as PT1H for the last hour',
      parseSince,
    );

const TOOL = 'npm run dead-letters --';

const program = createTool(
  'dead-letters',
  'Commands that could not be processed: lists them, shows one, publishes them again.',
);

filtered(program.command('list'))
  .description('print one line per dead letter: its offset, and that of its message. Values are not shown')
  .option('--json', 'as JSON')
  .addHelpText('after', formatExamples(TOOL, 'list --since P1D --reason recipientId'))
  .action(({ json, ...filters }: Filters & { json?: boolean }) =>
    withConnections(({ reader }) => list(reader, filters, json === true, print)),
  );

program
  .command('show')
  .description('print one dead letter with its headers and its value. The value may be personal data')
  .argument('<place>', '<partition>@<offset> in the dead-letter topic, as list shows it', parsePlace)
  .option('--json', 'as JSON')
  .addHelpText('after', formatExamples(TOOL, 'show 3@17'))
  .action((place: string, { json }: { json?: boolean }) =>
    withConnections(({ reader }) => show(reader, place, json === true, print)),
  );

filtered(program.command('redrive'))
  .description('publish messages again to their topic, each once. Older versions of commands are upgraded')
  .argument('[places...]', '<partition>@<offset> in the dead-letter topic', collect(parsePlace))
  .option('--all', 'all that were not re-driven yet')
  .option('--again', 'also those that were re-driven before')
  .option('--dry-run', 'only print what would be done')
  .addHelpText(
    'after',
    formatExamples(TOOL, 'redrive 3@17 4@2', 'redrive --all --reason "no command" --dry-run'),
  )
  .action(
    async (
      places: string[],
      options: Filters & { all?: boolean; again?: boolean; dryRun?: boolean },
      command: Command,
    ) => {
      const { all = false, again = false, dryRun = false, ...filters } = options;
      if (all === places.length > 0) command.error('error: name places, or --all');
      const selection = all ? filters : { ...filters, places: new Set(places) };
      await withConnections(async ({ topics, kafka, pool, reader }) => {
        const producer = new Producer(kafka);
        await producer.connect();
        try {
          await redrive(
            { topics, reader, producer, pool },
            selection,
            { dryRun, again },
            () => new Date(),
            print,
            showStatus,
          );
        } finally {
          await producer.disconnect();
        }
      });
    },
  );

await runTool(
  withAudit(program, ['redrive'], (work) => withConnections(({ pool }) => work(pool))),
  { errorPrefix: 'dead-letters' },
);
