import { parseArgs } from 'node:util';
import { LOGS } from './apps/app-log.js';
import type { Endpoints } from './endpoints.js';
import { STATE } from './paths.js';
import { shown } from './servers/given-servers.js';
import { takeStateDirectory } from './state-directory.js';
import { Standalone } from './standalone.js';

const USAGE = `Usage: npm start [-- --fresh]

Starts the whole service on this machine: embedded servers, the four apps and sample members. Ctrl-C stops it.
  --fresh   begins anew: forgets everything that an earlier run has kept
  --help    this text

Settings of the policy are read from the environment, for example FOLLOW_UP_INTERVAL=PT30S npm start. So are the
addresses of servers that run already and are then not embedded: EVENTSTORE_URL, KAFKA_BROKERS, DATABASE_URL, and
SMTP_URL with MAIL_URL, its page. What these keep, --fresh does not forget.`;

const asked = options();
if (asked === undefined) process.exitCode = 2;
else if (asked.help) console.log(USAGE);
else await run(asked.fresh);

async function run(fresh: boolean): Promise<void> {
  const started = performance.now();
  const standalone = new Standalone((line) => console.error(line));
  let stopping = false;
  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    await standalone.stop();
    process.exit(code);
  };
  const stopAsAsked = () => {
    if (!stopping) console.log('\nStopping …');
    void stop(0);
  };
  process.on('SIGINT', stopAsAsked);
  process.on('SIGTERM', stopAsAsked);
  process.on('SIGHUP', stopAsAsked);
  onceOrphaned(stopAsAsked);
  console.log('Starting the event store, the broker, PostgreSQL, a mail server and the apps …');
  try {
    await takeStateDirectory(fresh);
    const endpoints = await standalone.start();
    console.log(welcome(endpoints, (performance.now() - started) / 1000));
  } catch (error) {
    if (stopping) return;
    console.error(`cannot start: ${error instanceof Error ? error.message : String(error)}`);
    await stop(1);
  }
}

/** npm does not hand every signal on through its shell: when it was killed we are nobody's child, and go as well. */
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

function options(): { fresh: boolean; help: boolean } | undefined {
  try {
    const { values } = parseArgs({
      options: { fresh: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    return { fresh: values.fresh ?? false, help: values.help ?? false };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return undefined;
  }
}

function welcome({ api, kafka, eventStore, postgres, mail }: Endpoints, seconds: number): string {
  return `
Invitations is ready after ${seconds.toFixed(1)} s.

  API          ${api}         its documentation: ${api}/docs
  Inbox        ${api}/inbox   (sign in as one of the sample members)
  Mail         ${mail}        every e-mail that was sent, as its reader sees it
  Kafka        ${kafka}
  EventStore   ${shown(eventStore)}
  PostgreSQL   ${shown(postgres)}

What to try next, in a second terminal:
  npm run demo                       publishes examples/commands.jsonl to Kafka and shows what becomes of it
  npm run --silent token -- bilal    a token with which to call the API as Bilal

State is kept in ${STATE}, logs in ${LOGS}. Ctrl-C stops everything; npm start -- --fresh begins anew.`;
}
