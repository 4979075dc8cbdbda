import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../support/child.js';
import { between, Meter, peakMiB, type Stretch } from '../support/meter.js';
import type { Log, BenchHarness } from './bench-harness.js';

/** Events at the start that are not counted, because Node compiles the code during them. */
export const uncounted = (count: number): number => Math.ceil(count / 5 / 500) * 500;

export interface Run extends Stretch {
  readonly peakMiB: number;
  /** The peak of memory at the start of counting. */
  readonly earlyPeakMiB: number;
}

export type Candidate = (harness: BenchHarness, log: Log, count: number) => Promise<Run>;

export const CANDIDATES = {
  raw: clientAlone('test/perf/projections/raw.main.js'),
  inbox: runInbox,
  unnest: runUnnest,
  kurrentdb: clientAlone('test/perf/projections/kurrent.main.js'),
} as const satisfies Record<string, Candidate>;

export type Name = keyof typeof CANDIDATES;

function clientAlone(main: string): Candidate {
  return async (harness, log, count) => {
    const child = startChild(main, {
      EVENTSTORE_URL: log.url,
      COUNT: String(count),
      UNCOUNTED: String(uncounted(count)),
    });
    const meter = meterOf(harness, child, log);
    const first = (await child.message()) as { position: string };
    const begin = meter.mark();
    const early = peakMiB(child.pid);
    const last = (await child.message()) as { position: string };
    const end = meter.mark();
    log.positions = [BigInt(first.position), BigInt(last.position)];
    return finish(child, early, between(begin, end, count - uncounted(count)));
  };
}

async function runUnnest(harness: BenchHarness, log: Log, count: number): Promise<Run> {
  const child = startChild('test/perf/projections/unnest.main.js', {
    DATABASE_URL: harness.servers.postgres,
    COUNT: String(count),
    UNCOUNTED: String(uncounted(count)),
  });
  const meter = meterOf(harness, child, log);
  await child.message();
  const begin = meter.mark();
  const early = peakMiB(child.pid);
  await child.message();
  const end = meter.mark();
  return finish(child, early, between(begin, end, count - uncounted(count)));
}

/** Runs the built projector on empty tables. `raw` runs before it and returns the positions. */
async function runInbox(harness: BenchHarness, log: Log, count: number): Promise<Run> {
  await harness.forgetInbox();
  const [first, last] = log.positions!;
  const child = startProjector(harness, log.url, harness.servers.postgres);
  const meter = meterOf(harness, child, log);
  await child.during(untilAt(harness, first));
  const begin = meter.mark();
  const early = peakMiB(child.pid);
  await child.during(untilAt(harness, last));
  const end = meter.mark();
  return finish(child, early, between(begin, end, count - uncounted(count)));
}

export const startProjector = (
  { servers }: BenchHarness,
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

/** A checkpoint advances in the transaction of the rows. */
async function untilAt({ db }: BenchHarness, position: bigint): Promise<void> {
  for (;;) {
    const { rowCount } = await db.query(
      `SELECT FROM read_models.slices WHERE projection = 'inbox' AND slice = 0 AND commit_position >= $1`,
      [String(position)],
    );
    if (rowCount === 1) return;
    await sleep(10);
  }
}

const meterOf = ({ servers }: BenchHarness, child: Child, log: Log): Meter =>
  new Meter({ app: child.pid, store: log.pid, PostgreSQL: servers.pids.PostgreSQL });

async function finish(child: Child, earlyPeakMiB: number, stretch: Stretch): Promise<Run> {
  const peak = peakMiB(child.pid);
  await child.stop();
  return { ...stretch, peakMiB: peak, earlyPeakMiB };
}
