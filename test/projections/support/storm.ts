import { setTimeout as sleep } from 'node:timers/promises';
import type { ProjectionWorld } from '../../integration/support/projection-world.js';
import type { Replica, Replicas } from './replicas.js';

/** What befell the replicas, counted. */
export interface Weather {
  killed: number;
  paused: number;
  pausedInTransaction: number;
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
  const weather: Weather = { killed: 0, paused: 0, pausedInTransaction: 0, accounts: 0 };
  const over = new AbortController();
  const load = Promise.all([0, 1, 2].map((n) => keepHappening(world, `storm-${n}`, weather, over.signal)));
  const asleep = new Set<Replica>();
  const wakings: Promise<void>[] = [];
  // Most pauses are longer than a lease: the others have taken over, and events have come, when the sleeper wakes.
  const beyondLease = () => 1_500 + random() * 4_000;
  const wake = async (replica: Replica, afterMs: number) => {
    asleep.add(replica);
    await sleep(afterMs);
    replica.goOn();
    asleep.delete(replica);
  };
  try {
    for (const size of [1, 4, 2]) {
      const end = performance.now() + (seconds * 1_000) / 3;
      while (performance.now() < end) {
        replicas.assertRunning();
        for (; replicas.running.length > size; weather.killed += 1) await replicas.kill(replicas.running[0]!);
        while (replicas.running.length < size) replicas.start();
        await sleep(300 + random() * 1_500);
        const victim = replicas.running[Math.floor(random() * replicas.running.length)]!;
        if (asleep.has(victim)) continue;
        // Each at least once, however short the storm.
        const fate = weather.paused === 0 ? 0.5 : weather.pausedInTransaction === 0 ? 0.9 : random();
        if (fate < 0.3) {
          await replicas.kill(victim);
          weather.killed += 1;
        } else if (fate < 0.6) {
          victim.pause();
          wakings.push(wake(victim, beyondLease()));
          weather.paused += 1;
        } else {
          victim.pauseInTransaction();
          wakings.push(wake(victim, beyondLease()));
          weather.pausedInTransaction += 1;
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
