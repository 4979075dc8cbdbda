import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../support/ports.js';
import { startChild, type Child } from '../support/child.js';
import { summary, type Summary } from '../support/statistics.js';
import { startProjector } from './candidates.js';
import { preload, type Log, type BenchHarness } from './bench-harness.js';

const DELAY_MS = 5;
/** Longer than the replicas are paused. A new replica gets its share after a fifth of it. */
const LEASE = 'PT20S';
export const REPLICAS = [1, 2, 4];

export interface ReplicaRun {
  readonly replicas: number;
  readonly perSecond: number;
  /** Delivered events divided by handled events. It is 1 if each replica reads only its share. */
  readonly readOverApplied: number;
}

export interface ReplicaRate {
  readonly replicas: number;
  readonly perSecond: Summary;
  readonly speedUp: Summary;
  readonly readOverApplied: Summary;
}

export interface Replication {
  readonly delayMs: number;
  readonly rates: readonly ReplicaRate[];
  readonly rounds: readonly (readonly ReplicaRun[])[];
}

/** Measures a number of replicas with delayed commits on the same number of new events. */
export async function measureReplication(
  harness: BenchHarness,
  rounds: number,
  count: number,
  sizes: readonly number[],
  say: (line: string) => void,
): Promise<Replication> {
  const log = await harness.openLog(0);
  await harness.forgetInbox();
  const postgres = new URL(harness.servers.postgres);
  const proxy = startChild('test/perf/projections/late-commits.main.js', {
    TARGET_PORT: postgres.port,
    DELAY_MS: String(DELAY_MS),
  });
  postgres.port = String(await proxy.message());
  const done: ReplicaRun[][] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const runs: ReplicaRun[] = [];
    for (const replicas of sizes) {
      const run = await runReplicas(
        harness,
        log,
        postgres.href,
        replicas,
        `round${round}of${replicas}`,
        count,
      );
      say(`round ${round} of ${rounds}, ${replicas} replicas: ${Math.round(run.perSecond)}/s`);
      runs.push(run);
    }
    done.push(runs);
  }
  await proxy.stop();
  const rates = sizes.map((replicas, at) => ({
    replicas,
    perSecond: summary(done.map((runs) => runs[at]!.perSecond)),
    speedUp: summary(done.map((runs) => runs[at]!.perSecond / runs[0]!.perSecond)),
    readOverApplied: summary(done.map((runs) => runs[at]!.readOverApplied)),
  }));
  return { delayMs: DELAY_MS, rates, rounds: done };
}

/** The replicas distribute the slices while nothing happens, and are paused (SIGSTOP) while the events are appended. */
async function runReplicas(
  harness: BenchHarness,
  log: Log,
  database: string,
  replicas: number,
  run: string,
  count: number,
): Promise<ReplicaRun> {
  const ports = await Promise.all(Array.from({ length: replicas }, findFreePort));
  const children = ports.map((port) =>
    startProjector(harness, log.url, database, { HEALTH_PORT: String(port), LEASE_TTL: LEASE }),
  );
  const all = <T>(work: Promise<T>) => children.reduce((waited, child) => child.during(waited), work);
  await all(untilSlicesAreShared(harness, replicas));
  // The code is compiled, and the first subscriptions are open.
  await preload(log.url, `${run}first`, count / 5);
  await all(untilApplied(ports, count / 5));
  const before = await figures(ports);
  for (const { pid } of children) process.kill(pid, 'SIGSTOP');
  await preload(log.url, run, count);
  const since = performance.now();
  for (const { pid } of children) process.kill(pid, 'SIGCONT');
  await all(untilApplied(ports, count / 5 + count));
  const seconds = (performance.now() - since) / 1_000;
  const after = await figures(ports);
  await Promise.all(children.map((child: Child) => child.stop()));
  return {
    replicas,
    perSecond: count / seconds,
    readOverApplied: (after.read - before.read) / (after.applied - before.applied),
  };
}

/** Waits until every replica owns the same number of slices. */
export async function untilSlicesAreShared({ db }: BenchHarness, replicas: number): Promise<void> {
  for (;;) {
    const { rows } = await db.query<{ count: number }>(
      `SELECT count(*)::int FROM read_models.slices WHERE projection = 'inbox' AND owner IS NOT NULL
       GROUP BY owner`,
    );
    if (rows.length === replicas && rows.every(({ count }) => count === 64 / replicas)) return;
    await sleep(50);
  }
}

async function untilApplied(ports: readonly number[], count: number): Promise<void> {
  while ((await figures(ports)).applied < count) await sleep(20);
}

async function figures(ports: readonly number[]): Promise<{ read: number; applied: number }> {
  const pages = await Promise.all(
    ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()),
  );
  const sum = (name: string) =>
    pages.reduce(
      (total, page) => total + Number(new RegExp(`^${name}\\{.*\\} (\\d+)`, 'm').exec(page)?.[1] ?? 0),
      0,
    );
  return {
    read: sum('invitations_projection_events_read_total'),
    applied: sum('invitations_projection_events_applied_total'),
  };
}
