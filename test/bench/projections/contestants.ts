import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../support/child.js';
import { between, Meter, peakMiB, type Stretch } from '../support/meter.js';
import type { Log, Setting } from './setting.js';

/** Events at the beginning that are not counted: code is compiled then. */
export const uncounted = (count: number): number => Math.ceil(count / 5 / 500) * 500;

export interface Run extends Stretch {
  readonly peakMiB: number;
  /** The peak up to where counting began. */
  readonly earlyPeakMiB: number;
}

export type Contestant = (setting: Setting, log: Log, count: number) => Promise<Run>;

export const CONTESTANTS = {
  raw: clientAlone('test/bench/projections/raw.main.js'),
  inbox: runInbox,
  unnest: runUnnest,
  kurrentdb: clientAlone('test/bench/projections/kurrent.main.js'),
} as const satisfies Record<string, Contestant>;

export type Name = keyof typeof CONTESTANTS;

function clientAlone(main: string): Contestant {
  return async (setting, log, count) => {
    const child = startChild(main, {
      EVENTSTORE_URL: log.url,
      COUNT: String(count),
      UNCOUNTED: String(uncounted(count)),
    });
    const meter = meterOf(setting, child, log);
    const first = (await child.message()) as { position: string };
    const begin = meter.mark();
    const early = peakMiB(child.pid);
    const last = (await child.message()) as { position: string };
    const end = meter.mark();
    log.positions = [BigInt(first.position), BigInt(last.position)];
    return finish(child, early, between(begin, end, count - uncounted(count)));
  };
}

async function runUnnest(setting: Setting, log: Log, count: number): Promise<Run> {
  const child = startChild('test/bench/projections/unnest.main.js', {
    DATABASE_URL: setting.servers.postgres,
    COUNT: String(count),
    UNCOUNTED: String(uncounted(count)),
  });
  const meter = meterOf(setting, child, log);
  await child.message();
  const begin = meter.mark();
  const early = peakMiB(child.pid);
  await child.message();
  const end = meter.mark();
  return finish(child, early, between(begin, end, count - uncounted(count)));
}

/** The built projector before a log, on tables that are empty. `raw` comes before it: it tells the positions. */
async function runInbox(setting: Setting, log: Log, count: number): Promise<Run> {
  await setting.forgetInbox();
  const [first, last] = log.positions!;
  const child = startProjector(setting, log.url, setting.servers.postgres);
  const meter = meterOf(setting, child, log);
  await child.during(untilAt(setting, first));
  const begin = meter.mark();
  const early = peakMiB(child.pid);
  await child.during(untilAt(setting, last));
  const end = meter.mark();
  return finish(child, early, between(begin, end, count - uncounted(count)));
}

export const startProjector = (
  { servers }: Setting,
  eventStore: string,
  database: string,
  more: Readonly<Record<string, string>> = {},
): Child =>
  startChild('apps/projector/src/main.js', {
    EVENTSTORE_URL: eventStore,
    DATABASE_URL: database,
    KAFKA_BROKERS: servers.kafka,
    WORKERS: 'inbox',
    HEALTH_PORT: '0',
    LOG_LEVEL: 'warn',
    ...more,
  });

/** A checkpoint moves with the rows, in one transaction. */
async function untilAt({ db }: Setting, position: bigint): Promise<void> {
  for (;;) {
    const { rowCount } = await db.query(
      `SELECT FROM read_models.slices WHERE projection = 'inbox' AND slice = 0 AND commit_position >= $1`,
      [String(position)],
    );
    if (rowCount === 1) return;
    await sleep(10);
  }
}

const meterOf = ({ servers }: Setting, child: Child, log: Log): Meter =>
  new Meter({ app: child.pid, store: log.pid, PostgreSQL: servers.pids.PostgreSQL });

async function finish(child: Child, earlyPeakMiB: number, stretch: Stretch): Promise<Run> {
  const peak = peakMiB(child.pid);
  await child.stop();
  return { ...stretch, peakMiB: peak, earlyPeakMiB };
}
