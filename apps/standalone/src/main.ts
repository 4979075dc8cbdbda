import 'reflect-metadata';
import { createTool, print, printToStderr, runTool } from '#libs/cli';
import { redactPassword } from '#libs/platform';
import { LOGS } from './apps/app-process.js';
import { type Endpoints, STATE } from './state/state-directory.js';
import { lockStateDirectory } from './state/state-lock.js';
import { Standalone } from './standalone.js';

const program = createTool(
  'npm start --',
  'Starts the whole service on this machine: embedded servers, the four apps and sample members. Ctrl-C stops it.',
)
  .option('--fresh', 'delete everything that earlier runs stored')
  .option('--secure-event-store', 'give the embedded event store TLS, and a user for each app')
  .addHelpText(
    'after',
    `
The policy is read from the environment, for example FOLLOW_UP_INTERVAL=PT30S npm start, and so is TEXT_TOPIC_RETENTION:
how long new topics keep messages with members' texts (P7D by default). To use servers that already
run instead of embedded ones, set EVENTSTORE_URL, KAFKA_BROKERS, DATABASE_URL, or SMTP_URL with MAIL_URL, the page that
shows its e-mails. --fresh does not delete what those servers store.`,
  )
  .showHelpAfterError()
  .action(({ fresh = false, secureEventStore = false }: { fresh?: boolean; secureEventStore?: boolean }) =>
    run(fresh, secureEventStore),
  );

await runTool(program);

async function run(fresh: boolean, isEventStoreSecure: boolean): Promise<void> {
  const started = performance.now();
  const standalone = new Standalone(printToStderr);
  let stopping = false;
  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    await standalone.stop();
    process.exit(code);
  };
  const stopAsAsked = () => {
    if (!stopping) print('\nStopping …');
    void stop(0);
  };
  process.on('SIGINT', stopAsAsked);
  process.on('SIGTERM', stopAsAsked);
  process.on('SIGHUP', stopAsAsked);
  onceOrphaned(stopAsAsked);
  print('Starting the event store, the broker, PostgreSQL, a mail server and the apps …');
  try {
    await lockStateDirectory(fresh);
    const endpoints = await standalone.start(isEventStoreSecure);
    print(welcome(endpoints, (performance.now() - started) / 1000));
  } catch (error) {
    if (stopping) return;
    printToStderr(`cannot start: ${error instanceof Error ? error.message : String(error)}`);
    await stop(1);
  }
}

/** Stops when the parent process has ended: npm does not forward every signal through its shell. */
function onceOrphaned(stop: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, 1_000);
  timer.unref();
}

function welcome({ api, kafka, eventStore, postgres, mail }: Endpoints, seconds: number): string {
  return `
Invitations is ready after ${seconds.toFixed(1)} s.

  API          ${api}         its documentation: ${api}/docs
  Inbox        ${api}/inbox   (sign in as one of the sample members)
  Mail         ${mail}        every e-mail, as its reader sees it
  Kafka        ${kafka}
  EventStore   ${redactPassword(eventStore)}
  PostgreSQL   ${redactPassword(postgres)}

What to try next, in a second terminal:
  npm run demo                       publishes examples/commands.jsonl to Kafka and shows the effects
  npm run --silent token -- bilal    a token for calling the API as Bilal

State is kept in ${STATE}, logs in ${LOGS}. Ctrl-C stops everything; npm start -- --fresh deletes the state.`;
}
