import { setTimeout as sleep } from 'node:timers/promises';
import type { ProjectionWorld } from '../../integration/support/projection-world.js';
import { until } from '../../support/until.js';
import type { Replica, Replicas } from './replicas.js';

/** What befell the replicas, counted. */
export interface Weather {
  killed: number;
  paused: number;
  pausedInTransaction: number;
  /** Those of the first kind at whose end others had taken all that the sleeper held: it must write nothing. */
  overtaken: number;
  accounts: number;
}

/** Random numbers that come again with their seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One replica, then four, then two, a third of the time each, killed and paused at random while events come. */
export async function storm(
  world: ProjectionWorld,
  replicas: Replicas,
  seconds: number,
  random: () => number,
): Promise<Weather> {
  const weather: Weather = { killed: 0, paused: 0, pausedInTransaction: 0, overtaken: 0, accounts: 0 };
  const over = new AbortController();
  const load = Promise.all([0, 1, 2].map((n) => keepHappening(world, `storm-${n}`, weather, over.signal)));
  const asleep = new Set<Replica>();
  const wakings: Promise<void>[] = [];
  // Most pauses are longer than a lease: the others have taken over, and events have come, when the sleeper wakes.
  const beyondLease = () => 1_500 + random() * 4_000;
  const pause = async (replica: Replica, forMs: number) => {
    weather.paused += 1;
    asleep.add(replica);
    replica.pause();
    await sleep(forMs);
    if (!replica.hasEnded && (await hasNothing(world, replica))) weather.overtaken += 1;
    replica.goOn();
    asleep.delete(replica);
  };
  const pauseInTransaction = async (replica: Replica, forMs: number) => {
    weather.pausedInTransaction += 1;
    asleep.add(replica);
    replica.pauseInTransaction();
    await sleep(forMs);
    replica.goOn();
    asleep.delete(replica);
  };
  try {
    for (const size of [1, 4, 2]) {
      for (; replicas.running.length > size; weather.killed += 1) await replicas.kill(replicas.running[0]!);
      while (replicas.running.length < size) replicas.start();
      await untilAllWork(world, replicas, asleep);
      const end = performance.now() + (seconds * 1_000) / 3;
      while (performance.now() < end) {
        replicas.assertRunning();
        while (replicas.running.length < size) replicas.start();
        await sleep(300 + random() * 1_500);
        const victim = replicas.running[Math.floor(random() * replicas.running.length)]!;
        if (asleep.has(victim)) continue;
        // However short the storm: others hold slices when one falls asleep, and have its own when it wakes.
        if (size > 1 && Math.min(weather.overtaken, weather.pausedInTransaction) === 0) {
          await untilAllWork(world, replicas, asleep);
          await (weather.overtaken === 0 ? pause : pauseInTransaction)(victim, 6_000);
          continue;
        }
        const fate = random();
        if (fate < 0.3) {
          await replicas.kill(victim);
          weather.killed += 1;
        } else {
          wakings.push((fate < 0.6 ? pause : pauseInTransaction)(victim, beyondLease()));
        }
      }
    }
  } finally {
    over.abort();
    await load;
    await Promise.all(wakings);
  }
  // Also those that had not come to the transaction that they were to be paused in.
  for (const replica of replicas.running) replica.calm();
  return weather;
}

/** The others have taken its slices. */
async function hasNothing(world: ProjectionWorld, { name }: Replica): Promise<boolean> {
  const { rows } = await world.pool.query('SELECT FROM read_models.slices WHERE owner = $1 LIMIT 1', [name]);
  return rows.length === 0;
}

/** A process takes its time to start, the more on a busy machine; a storm over an empty sea would prove nothing. */
async function untilAllWork(
  world: ProjectionWorld,
  replicas: Replicas,
  asleep: ReadonlySet<Replica>,
): Promise<void> {
  const isAtWork = async () => {
    replicas.assertRunning();
    for (const replica of replicas.running) {
      if (!asleep.has(replica) && (await hasNothing(world, replica))) return false;
    }
    return true;
  };
  await until(isAtWork, 120_000, 'every replica holds slices');
}

/** New accounts, and from time to time more of an old one. */
async function keepHappening(
  world: ProjectionWorld,
  name: string,
  weather: Weather,
  signal: AbortSignal,
): Promise<void> {
  for (let n = 0; !signal.aborted; n += 1) {
    await world.happen(`${name}-${n}`, 5);
    await world.appendMore(`${name}-${Math.floor(n / 2)}-0`, 2);
    weather.accounts += 5;
    await sleep(40);
  }
}
