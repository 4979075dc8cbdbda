import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connectEventStore, decoded, type RecordedEvent } from '#libs/event-store';
import { eventLog, rowsEffect, type EventLog } from '#libs/projection';
import { ProjectionWorld } from '../integration/support/projection-world.js';
import { TcpProxy } from '../integration/support/tcp-proxy.js';
import { until } from '../support/until.js';

let world: ProjectionWorld;

beforeAll(async () => {
  world = await ProjectionWorld.open();
});
afterEach(async () => {
  await world.stopWorkers();
  world.warnings.length = 0;
});
afterAll(() => world.close());

/** The log, with something wrong with its subscriptions. */
const troubled = (
  follow: (events: AsyncIterable<RecordedEvent>, signal: AbortSignal) => AsyncIterable<RecordedEvent>,
): EventLog => {
  const log = eventLog(world.client);
  return {
    end: (...args) => log.end(...args),
    async *follow(slices, after, signal) {
      for await (const event of follow(oneByOne(log.follow(slices, after, signal)), signal)) yield [event];
    },
  };
};

async function* oneByOne<T>(chunks: AsyncIterable<readonly T[]>): AsyncGenerator<T, void, void> {
  for await (const chunk of chunks) yield* chunk;
}

describe('a projection worker', () => {
  it('goes on from the checkpoints after the subscription has ended without a word', async () => {
    const counting = await world.counting('silent_end');
    const ending = troubled(async function* (events) {
      let count = 0;
      for await (const event of events) {
        yield event;
        count += 1;
        if (count === 7) return;
      }
    });
    await world.happen('ended', 10);
    const worker = world.work(counting, { log: ending });
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    expect(world.warnings.join('')).toContain('the event store ended the subscription');
    expect(await worker.metric('resubscriptions_total')).toBeGreaterThan(3);
  });

  it('notices a subscription that gives nothing any more, and subscribes again', async () => {
    const counting = await world.counting('stuck');
    let subscriptions = 0;
    const sticking = troubled(async function* (events, signal) {
      subscriptions += 1;
      const sticks = subscriptions === 1;
      for await (const event of events) {
        if (!sticks) yield event;
        else if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      }
    });
    await world.happen('stuck', 3);
    const worker = world.work(counting, { log: sticking });
    await until(
      () => worker.state().detail === 'the event store has events that the subscription does not give',
      60_000,
      () => JSON.stringify(worker.state()),
    );
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    await until(() => worker.state().ready, 30_000, 'ready again');
  });

  it('says within seconds that the event store does not answer, and goes on when it does', async () => {
    const port = Number(new URL(world.eventStore.url.replace('esdb:', 'http:')).port);
    const proxy = await TcpProxy.to(port);
    const client = connectEventStore(world.eventStore.url.replace(`:${port}`, `:${proxy.port}`));
    const counting = await world.counting('black_hole');
    const worker = world.work(counting, { client });
    await world.rows(counting);
    await until(() => worker.state().ready, 30_000, 'ready');
    proxy.fallSilent();
    await until(() => worker.state().detail === 'the event store does not answer', 30_000, 'it shows');
    await world.happen('behind', 3);
    // Subscribing into the void is no recovery.
    expect(worker.state().ready).toBe(false);
    proxy.open();
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    await until(() => worker.state().ready, 60_000, 'ready again');
    await worker.stop();
    await client.dispose();
    await proxy.close();
  });

  it('finishes the batch under way when it stops, and takes no other', async () => {
    const counting = await world.counting('stopping');
    const effect = rowsEffect(counting, (recorded) => decoded(recorded).event);
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const batches: number[] = [];
    const gated: typeof effect = {
      ...effect,
      async write(tx, generation, events) {
        batches.push(events.length);
        entered.resolve();
        await gate.promise;
        await effect.write(tx, generation, events);
      },
    };
    // Far more than comes at once.
    await world.happen('stopping', 200);
    const worker = world.workFor('stopping', gated, { batchEvents: 10 });
    await entered.promise;
    await until(async () => (await worker.metric('lag_events'))! > 10, 60_000, 'what waits is counted');
    const stopped = worker.stop();
    gate.resolve();
    await stopped;
    expect(batches).toHaveLength(1);
    const { rows } = await world.pool.query<{ events: number }>(
      'SELECT sum(events)::int AS events FROM test.stopping',
    );
    expect(rows[0]!.events).toBe(batches[0]);
    expect(await world.owners(counting)).toEqual({});
  });

  it('is not ready while an outage lasts, parks nobody for it, and is ready after it', async () => {
    const counting = await world.counting('outage');
    const effect = rowsEffect(counting, (recorded) => decoded(recorded).event);
    let isOut = true;
    const failing: typeof effect = {
      ...effect,
      write: (...args) => (isOut ? Promise.reject(new Error('the database is gone')) : effect.write(...args)),
    };
    await world.happen('outage', 3);
    const worker = world.workFor('outage', failing);
    const shows = () => worker.state().detail === 'the database is gone';
    await until(() => shows() && world.warnings.length > 3, 60_000, 'several attempts');
    expect(await worker.metric('lag_seconds')).toBeGreaterThan(0);
    expect(worker.state().ready).toBe(false);
    isOut = false;
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    await until(() => worker.state().ready, 30_000, 'ready');
    const { rowCount } = await world.pool.query('SELECT FROM read_models.parked_accounts');
    expect(rowCount).toBe(0);
    await until(async () => (await worker.metric('lag_seconds')) === 0, 30_000, 'caught up');
    await until(async () => (await worker.metric('lag_events')) === 0, 30_000, 'nothing waits');
    const read = await worker.metric('events_read_total');
    expect(read).toBeGreaterThanOrEqual((await worker.metric('events_applied_total'))!);
    expect(await worker.metric('position')).toBe(Number(await world.checkpoint(counting, 'outage-2')));
  });
});
