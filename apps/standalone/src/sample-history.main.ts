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
import {
  ConcurrencyError,
  connectEventStore,
  closeEventStore,
  readLogTail,
  SLICES,
  WithEventStore,
  type EventStoreConfig,
} from '#libs/event-store';
import { loadConfig, NoConfig } from '#libs/platform';
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
    'e-mail is sent, because a running service sends none for events older than MAIL_MAX_AGE.',
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
    await loadHistory(client, rejectRecentEvents(generateHistory({ events, seed }), new Date()), (more) => {
      appended += more;
      bar.update(appended / events, { appended });
    })
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
