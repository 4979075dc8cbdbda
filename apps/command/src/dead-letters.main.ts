import 'reflect-metadata';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { createKafka, Producer } from '#libs/kafka';
import { createLogger, createPool, durationMs, loadConfig } from '#libs/platform';
import { DeadLettersConfig } from './dead-letters/config.js';
import { DeadLetterBox } from './dead-letters/dead-letter-box.js';
import { list } from './dead-letters/list.js';
import { redrive } from './dead-letters/redrive.js';
import type { Selection } from './dead-letters/selection.js';
import { show } from './dead-letters/show.js';

/* The command line on the topic of commands that could not be taken: `npm run dead-letters -- --help`. */

const print = (text: string) => void process.stdout.write(`${text}\n`);
const progress = (text: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
};

/** Opens what the commands work with, and closes it whatever happens. */
async function withServers(
  work: (servers: {
    kafka: ReturnType<typeof createKafka>;
    pool: ReturnType<typeof createPool>;
    box: DeadLetterBox;
  }) => Promise<void>,
): Promise<void> {
  const config = loadConfig(DeadLettersConfig);
  // What the clients log of their retries is not for whoever waits for an answer: an error says it in the end.
  const logger = createLogger('dead-letters', 'silent');
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS, clientId: 'dead-letters', retries: 3 }, logger);
  const pool = createPool({ url: config.DATABASE_URL, app: 'dead-letters', max: 1 }, logger);
  try {
    await work({ kafka, pool, box: new DeadLetterBox(kafka, pool, (count) => progress(`${count} read…`)) });
  } finally {
    progress('');
    await pool.end();
  }
}

function placeOf(text: string): string {
  if (!/^\d{1,9}@\d{1,19}$/.test(text))
    throw new InvalidArgumentError('a place is <partition>@<offset>, as list shows it');
  return text;
}

function sinceOf(text: string): number {
  try {
    return text.startsWith('P') ? Date.now() - durationMs(text) : instant(text);
  } catch {
    throw new InvalidArgumentError('an ISO 8601 instant, or a duration such as PT1H for the last hour');
  }
}

function instant(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new RangeError(text);
  return ms;
}

type Filters = Pick<Selection, 'reason' | 'type' | 'since'>;

const filtered = (command: Command) =>
  command
    .option('--reason <text>', 'only those whose reason contains this')
    .option('--type <text>', 'only those whose ce_type contains this')
    .option(
      '--since <time>',
      'only those set aside since then: an instant, or PT1H for the last hour',
      sinceOf,
    );

const program = new Command('dead-letters')
  .description('Commands that could not be taken: lists them, shows one, publishes them again.')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true });

filtered(program.command('list'))
  .description('a line for each dead letter: where it is, and where its message stood. Shows no values')
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample:\n  npm run dead-letters -- list --since P1D --reason recipientId')
  .action(({ json, ...filters }: Filters & { json?: boolean }) =>
    withServers(({ box }) => list(box, filters, json === true, print)),
  );

program
  .command('show')
  .description('one dead letter with its headers and its value. The value may be personal: mind who sees it')
  .argument('<place>', '<partition>@<offset> in the dead-letter topic, as list shows it', placeOf)
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample:\n  npm run dead-letters -- show 3@17')
  .action((place: string, { json }: { json?: boolean }) =>
    withServers(({ box }) => show(box, place, json === true, print)),
  );

filtered(program.command('redrive'))
  .description('publishes messages again where they stood, each once; older versions of commands as of today')
  .argument(
    '[places...]',
    '<partition>@<offset> in the dead-letter topic',
    (text: string, before: string[] | undefined) => [...(before ?? []), placeOf(text)],
  )
  .option('--all', 'every one that was not re-driven yet')
  .option('--again', 'also those that were re-driven before')
  .option('--dry-run', 'only says what it would do')
  .addHelpText(
    'after',
    '\nExamples:\n  npm run dead-letters -- redrive 3@17 4@2\n  npm run dead-letters -- redrive --all --reason "no command" --dry-run',
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
      await withServers(async ({ kafka, pool, box }) => {
        const producer = new Producer(kafka);
        await producer.connect();
        try {
          await redrive(
            { box, producer, pool },
            selection,
            { dryRun, again },
            () => new Date(),
            print,
            progress,
          );
        } finally {
          await producer.disconnect();
        }
      });
    },
  );

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`dead-letters: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** Of several addresses that cannot be reached, pg makes an error without a text. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
