import { setTimeout as sleep } from 'node:timers/promises';
import type { ProjectionHarness } from '../../support/projection-harness.js';
import { until } from '../../../support/until.js';
import type { Replica, Replicas } from './replicas.js';

/** How often replicas were killed and paused. */
export interface Disruptions {
  killed: number;
  paused: number;
  pausedInTransaction: number;
  /** Pauses after which other replicas owned all slices of the paused one, which then must write nothing. */
  overtaken: number;
  accounts: number;
}

/** Kills and pauses replicas at random while events arrive: one replica, then four, then two, a third of the time each. */
export async function storm(
  harness: ProjectionHarness,
  replicas: Replicas,
  seconds: number,
  random: () => number,
): Promise<Disruptions> {
  const disruptions: Disruptions = {
    killed: 0,
    paused: 0,
    pausedInTransaction: 0,
    overtaken: 0,
    accounts: 0,
  };
  const over = new AbortController();
  const load = Promise.all(
    [0, 1, 2].map((n) => appendContinuously(harness, `storm-${n}`, disruptions, over.signal)),
  );
  const pausedNow = new Set<Replica>();
  const resumptions: Promise<void>[] = [];
  // Most pauses are longer than a lease: other replicas have taken over and applied events when the replica resumes.
  const beyondLease = () => 1_500 + random() * 4_000;
  const pause = async (replica: Replica, forMs: number) => {
    disruptions.paused += 1;
    pausedNow.add(replica);
    replica.pause();
    await sleep(forMs);
    if (!replica.hasEnded && (await ownsNothing(harness, replica))) disruptions.overtaken += 1;
    replica.resume();
    pausedNow.delete(replica);
  };
  const pauseInTransaction = async (replica: Replica, forMs: number) => {
    disruptions.pausedInTransaction += 1;
    pausedNow.add(replica);
    replica.pauseInTransaction();
    await sleep(forMs);
    replica.resume();
    pausedNow.delete(replica);
  };
  try {
    for (const size of [1, 4, 2]) {
      for (; replicas.running.length > size; disruptions.killed += 1)
        await replicas.kill(replicas.running[0]!);
      while (replicas.running.length < size) replicas.start();
      await untilAllOwnSlices(harness, replicas, pausedNow);
      const end = performance.now() + (seconds * 1_000) / 3;
      while (performance.now() < end) {
        replicas.assertRunning();
        while (replicas.running.length < size) replicas.start();
        await sleep(300 + random() * 1_500);
        const victim = replicas.running[Math.floor(random() * replicas.running.length)]!;
        if (pausedNow.has(victim)) continue;
        // Even in a short run, one pause of each kind must let other replicas take over.
        if (size > 1 && Math.min(disruptions.overtaken, disruptions.pausedInTransaction) === 0) {
          await untilAllOwnSlices(harness, replicas, pausedNow);
          await (disruptions.overtaken === 0 ? pause : pauseInTransaction)(victim, 6_000);
          continue;
        }
        const fate = random();
        if (fate < 0.3) {
          await replicas.kill(victim);
          disruptions.killed += 1;
        } else {
          resumptions.push((fate < 0.6 ? pause : pauseInTransaction)(victim, beyondLease()));
        }
      }
    }
  } finally {
    over.abort();
    await load;
    await Promise.all(resumptions);
  }
  // Also replicas that have not reached the transaction in which they were to be paused.
  for (const replica of replicas.running) replica.cancelPause();
  return disruptions;
}

/** @returns true if the replica owns no slices */
async function ownsNothing(harness: ProjectionHarness, { name }: Replica): Promise<boolean> {
  const { rows } = await harness.pool.query('SELECT FROM read_models.slices WHERE owner = $1 LIMIT 1', [
    name,
  ]);
  return rows.length === 0;
}

/** Waits until every replica owns slices: starting a process takes a while. */
async function untilAllOwnSlices(
  harness: ProjectionHarness,
  replicas: Replicas,
  pausedNow: ReadonlySet<Replica>,
): Promise<void> {
  const isAtWork = async () => {
    replicas.assertRunning();
    for (const replica of replicas.running) {
      if (!pausedNow.has(replica) && (await ownsNothing(harness, replica))) return false;
    }
    return true;
  };
  await until(isAtWork, 120_000, 'every replica owns slices');
}

/** Appends to new accounts and to earlier ones. */
async function appendContinuously(
  harness: ProjectionHarness,
  name: string,
  disruptions: Disruptions,
  signal: AbortSignal,
): Promise<void> {
  for (let n = 0; !signal.aborted; n += 1) {
    await harness.happen(`${name}-${n}`, 5);
    await harness.appendMore(`${name}-${Math.floor(n / 2)}-0`, 2);
    disruptions.accounts += 5;
    await sleep(40);
  }
}
