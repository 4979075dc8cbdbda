import {
  CliError,
  createProgressBar,
  createTool,
  formatExamples,
  parseInteger,
  print,
  runTool,
} from '#libs/cli';
import 'reflect-metadata';
import { AuthorTextSealer, readWrappingKeys, WithTextKeys, type WrappingKeys } from '#libs/author-keys';
import {
  ConcurrencyError,
  connectEventStore,
  closeEventStore,
  readLogTail,
  SLICES,
  WithEventStore,
  type EventStoreConfig,
  type TextSealer,
} from '#libs/event-store';
import { createLogger, createPool, loadConfig, NoConfig } from '#libs/platform';
import { readTextKeys } from './identity/dev-issuer.js';
import { databaseConnection } from './servers/database-connection.js';
import { eventStoreLogin, eventStoreUserOf } from './servers/event-store-logins.js';
import { readEndpoints } from './state/state-directory.js';
import { DEFAULT_SAMPLE, generateHistory, type SampleOptions } from './sample-history/sample-history.js';
import { loadHistory, rejectRecentEvents } from './sample-history/load-history.js';

interface Options extends SampleOptions {
  readonly add?: true;
  readonly json?: true;
}

/** An event store that does not respond within this time is considered unavailable. In milliseconds. */
const EVENT_STORE_TIMEOUT_MS = 10_000;

const program = createTool(
  'sample-history',
  'Appends a history of invented invitations to an event store: to the one of the service that npm start runs, or to ' +
    'the one at EVENTSTORE_URL. The same seed gives the same events, including their ids; they happen in 2025. No ' +
    'e-mail is sent, because a running service sends none for events older than MAIL_MAX_AGE. Texts are encrypted as the ' +
    'service does: with TEXT_KEYS, and the keys of authors in DATABASE_URL, of the service that npm start runs or of the environment.',
)
  .option('--events <n>', 'number of events', parseInteger(1), DEFAULT_SAMPLE.events)
  .option('--seed <n>', 'seed of the random numbers', parseInteger(0), DEFAULT_SAMPLE.seed)
  .option('--add', 'append to a log that already holds invitations; also continues an interrupted run')
  .option('--json', 'print the result as JSON')
  .addHelpText('after', formatExamples('npm run sample-history --', '--events 5000 --seed 7'))
  .action((options: Options) => appendHistory(options));

class SampleConfig extends WithEventStore(NoConfig) {}

async function findEventStore(): Promise<EventStoreConfig> {
  if (process.env['EVENTSTORE_URL']) return loadConfig(SampleConfig);
  const endpoints = await readEndpoints();
  if (endpoints === undefined) throw new Error('no event store: run npm start first, or set EVENTSTORE_URL');
  const login =
    endpoints.eventStoreUsers === undefined
      ? {}
      : eventStoreLogin(eventStoreUserOf('sample-history.main.js'));
  return { EVENTSTORE_URL: endpoints.eventStore, ...login };
}

class TextsConfig extends WithTextKeys(NoConfig) {}

/** The keys of the service that reads the event store: those of `npm start`, unless EVENTSTORE_URL or TEXT_KEYS is set. */
async function findWrappingKeys(): Promise<WrappingKeys | undefined> {
  const isOurs = !process.env['EVENTSTORE_URL'] && !process.env['TEXT_KEYS'];
  const ours = isOurs ? await readTextKeys() : undefined;
  const config = loadConfig(TextsConfig, {
    ...process.env,
    ...(ours === undefined ? {} : { TEXT_KEYS: ours }),
  });
  return config.TEXT_ENCRYPTION === 'off' ? undefined : readWrappingKeys(config);
}

/** Encrypts texts as the command app does, if the service has keys. The authors' keys are stored in its database. */
async function withSealer(work: (sealer: TextSealer | undefined) => Promise<void>): Promise<void> {
  const keys = await findWrappingKeys();
  if (keys === undefined) return work(undefined);
  const url = process.env['DATABASE_URL'] || (await readEndpoints())?.postgres;
  if (url === undefined || (process.env['EVENTSTORE_URL'] && !process.env['DATABASE_URL']))
    throw new CliError('TEXT_KEYS is set, so DATABASE_URL must be, too: it has the keys of authors');
  const pool = createPool(
    { ...databaseConnection(url), app: 'sample-history' },
    createLogger('sample-history', 'silent'),
  );
  try {
    await work(new AuthorTextSealer(pool, keys));
  } finally {
    await pool.end();
  }
}

async function appendHistory({ events, seed, add, json }: Options): Promise<void> {
  if (process.env['NODE_ENV'] === 'production')
    throw new Error('NODE_ENV is production: an invented history must not be appended there');
  const client = connectEventStore(await findEventStore());
  try {
    const slices = Array.from({ length: SLICES }, (_, slice) => slice);
    const { oldestEvent } = await readLogTail(
      client,
      slices,
      undefined,
      AbortSignal.timeout(EVENT_STORE_TIMEOUT_MS),
    ).catch(() => {
      throw new Error(
        'the event store does not respond: check that npm start is running, or that EVENTSTORE_URL is correct',
      );
    });
    if (oldestEvent !== undefined && add !== true)
      throw new Error('the log already holds invitations; use --add to append to them');
    const since = performance.now();
    const bar = createProgressBar('{bar} {percentage}%  {appended} events, {eta_formatted} left');
    let appended = 0;
    const history = rejectRecentEvents(generateHistory({ events, seed }), new Date());
    const passed = (more: number) => {
      appended += more;
      bar.update(appended / events, { appended });
    };
    await withSealer((sealer) => loadHistory(client, history, passed, sealer))
      .catch((error: unknown) => {
        if (!(error instanceof ConcurrencyError)) throw error;
        throw new CliError(
          `${error.message}: these accounts already have another history; use another --seed`,
        );
      })
      .finally(() => bar.stop());
    const seconds = Math.round((performance.now() - since) / 100) / 10;
    print(
      json === true
        ? JSON.stringify({ events: appended, seed, seconds })
        : `${appended} events of the history with seed ${seed} appended in ${seconds} s. No e-mail is sent, because they are older than MAIL_MAX_AGE.`,
    );
  } finally {
    await closeEventStore(client);
  }
}

await runTool(program, { errorPrefix: 'sample-history' });
