import { streamNameFilter } from '@eventstore/db-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { TOPICS } from '#libs/contracts';
import { STREAM_PREFIX } from '#libs/event-store';
import { until } from '../../support/until.js';
import { SeededRandom } from '../../support/seeded-random.js';
import { AppProcess } from '../../support/app-process.js';
import type { Servers } from '../../integration/command/support/servers.js';
import type { Workload } from './workload.js';

/** The state when an app was killed. */
export interface Kill {
  readonly committed: ReadonlyMap<number, bigint>;
  /** Commands whose events were in the streams. */
  readonly carriedOut: readonly string[];
  /** Events and dead letters since the previous kill. */
  readonly progress: number;
}

const PATIENCE_MS = 60_000;

/** Runs one app without kills. */
export async function runBaseline(servers: Servers, { messages }: Workload): Promise<void> {
  await servers.publish(messages);
  const app = new AppProcess('command', servers.env);
  try {
    await everythingIsDone(servers, [app]);
    await app.stop();
  } finally {
    await app.kill();
  }
}

/**
 * Publishes in portions and kills an app again and again in the middle of its work. In the second half there are two
 * apps.
 * @returns each kill, and how the remaining apps ended on SIGTERM
 */
export async function runWithKills(servers: Servers, { messages }: Workload, kills: number, seed: number) {
  const random = new SeededRandom(seed);
  const seen = await watch(servers);
  const apps = [new AppProcess('command', servers.env)];
  const done: Kill[] = [];
  try {
    // One portion more than there are kills, so that the last kill also leaves work.
    const portion = Math.ceil(messages.length / (kills + 1));
    for (let n = 0; n < kills; n += 1) {
      const before = seen.carriedOut.length;
      await servers.publish(messages.slice(n * portion, (n + 1) * portion));
      // Every third kill comes right after a dead letter, the others after a random event; about half of all commands
      // leave one. So kills happen between append and outcome, and between outcome and reply or commit.
      const isForLetter = n % 3 === 2;
      const target = before + 1 + random.below(portion / 3);
      const letters = seen.letters;
      const isTime = () => (isForLetter ? seen.letters > letters : seen.carriedOut.length >= target);
      await seen.until(isTime, () => `progress before kill ${n + 1}\n${outputOf(apps)}`);
      if (!isForLetter) await sleep(random.below(12));
      const victim = random.below(apps.length);
      await apps[victim]!.kill();
      const progress = seen.carriedOut.length - before + seen.letters - letters;
      done.push({ committed: await servers.committed(), carriedOut: [...seen.carriedOut], progress });
      apps[victim] = new AppProcess('command', servers.env);
      if (n + 1 === Math.ceil(kills / 2)) apps.push(new AppProcess('command', servers.env));
    }
    await servers.publish(messages.slice(kills * portion));
    await everythingIsDone(servers, apps);
    // The last app may have started a moment ago. Before it is ready, a signal just ends it.
    const areReady = () => apps.every(({ output }) => output.includes('"msg":"ready"'));
    await until(areReady, 60_000, () => `every app ready\n${outputOf(apps)}`);
    const exits = await Promise.all(apps.map((app) => app.stop()));
    return { kills: done, exits: exits.map((code, n) => (code === 0 ? 0 : apps[n]!.output.slice(-3_000))) };
  } finally {
    await Promise.all(apps.map((app) => app.kill()));
    await seen.stop();
  }
}

/** Observes events and dead letters as soon as they appear. */
async function watch(servers: Servers) {
  const carriedOut: string[] = [];
  let letters = 0;
  let look = () => {};
  const filter = streamNameFilter({ prefixes: [STREAM_PREFIX] });
  const events = servers.client.subscribeToAll({ filter });
  events.on('error', () => undefined);
  events.on('data', ({ event }) => {
    if (event === undefined) return;
    carriedOut.push((event.metadata as { commandId: string }).commandId);
    look();
  });
  const consumer = servers.kafka.consumer({ groupId: 'chaos', maxWaitTimeInMs: 1_000 });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPICS.deadLetters, fromBeginning: true });
  await consumer.run({
    eachMessage: async () => {
      letters += 1;
      look();
    },
  });
  return {
    carriedOut,
    get letters() {
      return letters;
    },
    /** Waits for a condition, or for the end of all work if the condition never holds. */
    async until(isTime: () => boolean, what: () => string): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      look = () => void (isTime() && resolve());
      look();
      let came = false;
      void promise.then(() => (came = true));
      const orNothingIsLeft = until(async () => came || (await servers.lag()) === 0, PATIENCE_MS, what);
      await Promise.race([promise, orNothingIsLeft]);
    },
    async stop() {
      await events.unsubscribe();
      await consumer.disconnect();
    },
  };
}

const everythingIsDone = (servers: Servers, apps: readonly AppProcess[]) =>
  until(
    async () => (await servers.lag()) === 0,
    PATIENCE_MS,
    () => `everything is committed\n${outputOf(apps)}`,
  );

const outputOf = (apps: readonly AppProcess[]) => apps.map(({ output }) => output.slice(-3_000)).join('\n');
