import { streamNameFilter } from '@eventstore/db-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { TOPICS } from '#libs/contracts';
import { STREAM_PREFIX } from '#libs/event-store';
import { until } from '../support/until.js';
import { Chance } from './chance.js';
import { CommandProcess } from '../command/support/command-process.js';
import type { Servers } from '../command/support/servers.js';
import type { Workload } from './workload.js';

/** What was the case when an app was killed. */
export interface Kill {
  readonly committed: ReadonlyMap<number, bigint>;
  /** Commands whose events were in the streams. */
  readonly carriedOut: readonly string[];
  /** Events and dead letters since the kill before. */
  readonly progress: number;
}

const PATIENCE_MS = 60_000;

/** One app, which nobody disturbs. */
export async function undisturbed(servers: Servers, { messages }: Workload): Promise<void> {
  await servers.publish(messages);
  const app = new CommandProcess(servers.env);
  try {
    await everythingIsDone(servers, [app]);
    await app.stop();
  } finally {
    await app.kill();
  }
}

/**
 * Publishes bit by bit and kills an app again and again, somewhere in its work; for the second half there are two apps.
 * @returns each kill, and how the apps that were left ended on SIGTERM
 */
export async function disturbed(servers: Servers, { messages }: Workload, kills: number, seed: number) {
  const chance = new Chance(seed);
  const seen = await watch(servers);
  const apps = [new CommandProcess(servers.env)];
  const done: Kill[] = [];
  try {
    // One portion more than there are kills: the last one, too, leaves work behind.
    const portion = Math.ceil(messages.length / (kills + 1));
    for (let n = 0; n < kills; n += 1) {
      const before = seen.carriedOut.length;
      await servers.publish(messages.slice(n * portion, (n + 1) * portion));
      // Every third time when a dead letter has just come, else somewhere among the events: about half of all commands
      // leave one. Now between the append and the outcome, now between that and the reply, or the commit.
      const isForLetter = n % 3 === 2;
      const target = before + 1 + chance.below(portion / 3);
      const letters = seen.letters;
      const isTime = () => (isForLetter ? seen.letters > letters : seen.carriedOut.length >= target);
      await seen.until(isTime, () => `progress before kill ${n + 1}\n${outputOf(apps)}`);
      if (!isForLetter) await sleep(chance.below(12));
      const victim = chance.below(apps.length);
      await apps[victim]!.kill();
      const progress = seen.carriedOut.length - before + seen.letters - letters;
      done.push({ committed: await servers.committed(), carriedOut: [...seen.carriedOut], progress });
      apps[victim] = new CommandProcess(servers.env);
      if (n + 1 === Math.ceil(kills / 2)) apps.push(new CommandProcess(servers.env));
    }
    await servers.publish(messages.slice(kills * portion));
    await everythingIsDone(servers, apps);
    // The last of them may have started a moment ago; before it has, a signal just ends it.
    const areReady = () => apps.every(({ output }) => output.includes('"msg":"ready"'));
    await until(areReady, 60_000, () => `every app ready\n${outputOf(apps)}`);
    const exits = await Promise.all(apps.map((app) => app.stop()));
    return { kills: done, exits: exits.map((code, n) => (code === 0 ? 0 : apps[n]!.output.slice(-3_000))) };
  } finally {
    await Promise.all(apps.map((app) => app.kill()));
    await seen.stop();
  }
}

/** What comes out while the apps work, as soon as it is there. */
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
    /** Waits for a moment, or for the end of all work, where that moment does not come. */
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

const everythingIsDone = (servers: Servers, apps: readonly CommandProcess[]) =>
  until(
    async () => (await servers.lag()) === 0,
    PATIENCE_MS,
    () => `everything is committed\n${outputOf(apps)}`,
  );

const outputOf = (apps: readonly CommandProcess[]) =>
  apps.map(({ output }) => output.slice(-3_000)).join('\n');
