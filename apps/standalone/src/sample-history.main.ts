import { Presets, SingleBar } from 'cli-progress';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { Conflict, connectEventStore, dispose, endOfLog, SLICES } from '#libs/event-store';
import { readEndpoints } from './endpoints.js';
import { DEFAULT_SAMPLE, sampleHistory, type SampleOptions } from './sample-history/history.js';
import { loadHistory } from './sample-history/load.js';

interface Options extends SampleOptions {
  readonly add?: true;
  readonly json?: true;
}

/** An event store that says nothing for so long is not there. */
const ANSWER_MS = 10_000;

const whole = (least: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new InvalidArgumentError(`a whole number from ${least} on`);
  return value;
};

const program = new Command('sample-history')
  .description(
    'Appends a history of invitations that never were to an event store: that of the service that npm start runs, or ' +
      'the one at EVENTSTORE_URL. The same seed gives the same events, to the last id; their own times are of 2025.',
  )
  .option('--events <n>', 'how many', whole(1), DEFAULT_SAMPLE.events)
  .option('--seed <n>', 'which history', whole(0), DEFAULT_SAMPLE.seed)
  .option('--add', 'to a log that holds invitations already; also, to finish what was interrupted')
  .option('--json', 'say what was done as JSON')
  .addHelpText('after', '\nExample:\n  npm run sample-history -- --events 5000 --seed 7')
  .exitOverride();

async function address(): Promise<string> {
  const url = process.env['EVENTSTORE_URL'] ?? (await readEndpoints())?.eventStore;
  if (url === undefined) throw new Error('no event store: run npm start first, or give EVENTSTORE_URL');
  return url;
}

async function make({ events, seed, add, json }: Options): Promise<void> {
  if (process.env['NODE_ENV'] === 'production') throw new Error('no invented history in production');
  const url = await address();
  const client = connectEventStore(url);
  try {
    const slices = Array.from({ length: SLICES }, (_, slice) => slice);
    const { waiting } = await endOfLog(client, slices, undefined, AbortSignal.timeout(ANSWER_MS)).catch(
      () => {
        throw new Error('the event store does not answer: does npm start run, or is EVENTSTORE_URL right?');
      },
    );
    if (waiting !== undefined && add !== true)
      throw new Error('the log holds invitations already; with --add, these are added to them');
    const since = performance.now();
    const bar = new SingleBar({ stream: process.stderr, clearOnComplete: true }, Presets.shades_classic);
    if (process.stderr.isTTY) bar.start(events, 0);
    let appended = 0;
    await loadHistory(client, sampleHistory({ events, seed }), (more) => {
      appended += more;
      bar.update(appended);
    }).finally(() => bar.stop());
    const seconds = Math.round((performance.now() - since) / 100) / 10;
    console.log(
      json === true
        ? JSON.stringify({ events: appended, seed, seconds })
        : `${appended} events of the history with seed ${seed} appended in ${seconds} s.`,
    );
  } finally {
    await dispose(client);
  }
}

try {
  await make(program.parse().opts<Options>());
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const hint =
      error instanceof Conflict ? ': another history has these accounts; choose another --seed' : '';
    console.error(`sample-history: ${(error as Error).message}${hint}`);
    process.exitCode = 1;
  }
}
