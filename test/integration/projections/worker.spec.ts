import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { closeEventStore, connectEventStore, decodeEvent, type RawEvent } from '#libs/event-store';
import { createEventLog, tableSink, type EventLog } from '#libs/projection';
import { ProjectionHarness } from '../support/projection-harness.js';
import { endingSubscriptions } from '../support/ending-subscriptions.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../../support/until.js';

let harness: ProjectionHarness;

beforeAll(async () => {
  harness = await ProjectionHarness.open();
});
afterEach(async () => {
  await harness.stopWorkers();
  harness.warnings.length = 0;
});
afterAll(() => harness.close());

/** The log with faulty subscriptions. */
const withFaultySubscriptions = (
  follow: (events: AsyncIterable<RawEvent>, signal: AbortSignal) => AsyncIterable<RawEvent>,
): EventLog => {
  const log = createEventLog(() => harness.client);
  return {
    findEventId: (...args) => log.findEventId(...args),
    readTail: (...args) => log.readTail(...args),
    async *subscribe(slices, after, signal) {
      for await (const event of follow(oneByOne(log.subscribe(slices, after, signal)), signal)) yield [event];
    },
  };
};

async function* oneByOne<T>(batches: AsyncIterable<readonly T[]>): AsyncGenerator<T, void, void> {
  for await (const batch of batches) yield* batch;
}

describe('a projection worker', () => {
  it('continues from the checkpoints after a subscription has ended without an error', async () => {
    const counting = await harness.counting('silent_end');
    const ending = withFaultySubscriptions(async function* (events) {
      let count = 0;
      for await (const event of events) {
        yield event;
        count += 1;
        if (count === 7) return;
      }
    });
    await harness.happen('ended', 10);
    const worker = harness.work(counting, { log: ending });
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
    expect(harness.warnings.join('')).toContain('the event store ended the subscription');
    expect(await worker.metric('resubscriptions_total')).toBeGreaterThan(3);
  });

  it('continues a subscription that was too slow: stays ready, logs no warning, applies no event twice', async () => {
    const counting = await harness.counting('too_slow');
    const effect = tableSink(counting, (raw) => decodeEvent(raw).event);
    const written: string[] = [];
    const states: boolean[] = [];
    const watched: typeof effect = {
      ...effect,
      async write(tx, generation, events) {
        // Long enough for the subscription to end while the batch is written.
        await new Promise((resolve) => setTimeout(resolve, 20));
        await effect.write(tx, generation, events);
        written.push(...events.map(({ streamId, revision }) => `${revision}@${streamId}`));
        if (written.length > events.length) states.push(worker.state().ready);
      },
    };
    await harness.happen('slow', 40);
    const client = endingSubscriptions(harness.client, 9);
    const worker = harness.workFor('too_slow', watched, { client, batchMaxEvents: 5 });
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
    expect(new Set(written).size).toBe(written.length);
    expect(new Set(states)).toEqual(new Set([true]));
    expect(harness.warnings).toEqual([]);
    expect(await worker.metric('continuations_total')).toBeGreaterThan(10);
    expect(await worker.metric('failures_total')).toBe(0);
    expect(await worker.metric('resubscriptions_total')).toBe(0);
  });

  it('detects a stalled subscription and subscribes again', async () => {
    const counting = await harness.counting('stuck');
    let subscriptions = 0;
    const sticking = withFaultySubscriptions(async function* (events, signal) {
      subscriptions += 1;
      const sticks = subscriptions === 1;
      for await (const event of events) {
        if (!sticks) yield event;
        else if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      }
    });
    await harness.happen('stuck', 3);
    const worker = harness.work(counting, { log: sticking });
    // Its health says so only until it has subscribed again.
    await until(
      () => harness.warnings.join('').includes('subscription stalled: newer events were not delivered'),
      60_000,
      () => harness.warnings.join(''),
    );
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
    await until(() => worker.state().ready, 30_000, 'ready again');
  });

  it('reports within seconds that the event store does not respond, and continues when it does', async () => {
    const port = Number(new URL(harness.eventStore.url.replace('esdb:', 'http:')).port);
    const proxy = await TcpProxy.to(port);
    const client = connectEventStore(harness.eventStore.url.replace(`:${port}`, `:${proxy.port}`));
    const counting = await harness.counting('black_hole');
    const worker = harness.work(counting, { client });
    await harness.rows(counting);
    await until(() => worker.state().ready, 30_000, 'ready');
    proxy.fallSilent();
    await until(
      () => worker.state().detail?.startsWith('the event store does not respond') === true,
      30_000,
      'the health detail',
    );
    await harness.happen('behind', 3);
    // A subscription without a response is not a recovery.
    expect(worker.state().ready).toBe(false);
    proxy.open();
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
    await until(() => worker.state().ready, 60_000, 'ready again');
    await worker.stop();
    await closeEventStore(client);
    await proxy.close();
  });

  it('finishes the current batch when it stops, and starts no other', async () => {
    const counting = await harness.counting('stopping');
    const effect = tableSink(counting, (raw) => decodeEvent(raw).event);
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
    // Far more than one read delivers.
    await harness.happen('stopping', 200);
    // PostgreSQL ends a transaction that is idle for as long as the lease: here it waits for the gate.
    const worker = harness.workFor('stopping', gated, { batchMaxEvents: 10, leaseTtlMs: 60_000 });
    await entered.promise;
    await until(async () => (await worker.metric('lag_events'))! > 10, 60_000, 'the lag is measured');
    const stopped = worker.stop();
    gate.resolve();
    await stopped;
    expect(batches).toHaveLength(1);
    const { rows } = await harness.pool.query<{ events: number }>(
      'SELECT sum(events)::int AS events FROM test.stopping',
    );
    expect(rows[0]!.events).toBe(batches[0]);
    expect(await harness.owners(counting)).toEqual({});
  });

  it('is not ready during an outage, parks no account, and is ready afterwards', async () => {
    const counting = await harness.counting('outage');
    const effect = tableSink(counting, (raw) => decodeEvent(raw).event);
    let isOut = true;
    const failing: typeof effect = {
      ...effect,
      write: (...args) => (isOut ? Promise.reject(new Error('the database is gone')) : effect.write(...args)),
    };
    await harness.happen('outage', 3);
    const worker = harness.workFor('outage', failing);
    const shows = () => worker.state().detail === 'the database is gone';
    await until(() => shows() && harness.warnings.length > 3, 60_000, 'several attempts');
    expect(await worker.metric('lag_seconds')).toBeGreaterThan(0);
    expect(worker.state().ready).toBe(false);
    isOut = false;
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
    await until(() => worker.state().ready, 30_000, 'ready');
    const { rowCount } = await harness.pool.query('SELECT FROM read_models.parked_accounts');
    expect(rowCount).toBe(0);
    await until(async () => (await worker.metric('lag_seconds')) === 0, 30_000, 'caught up');
    await until(async () => (await worker.metric('lag_events')) === 0, 30_000, 'no lag');
    const read = await worker.metric('events_read_total');
    expect(read).toBeGreaterThanOrEqual((await worker.metric('events_applied_total'))!);
    expect(await worker.metric('position')).toBe(Number(await harness.checkpoint(counting, 'outage-2')));
  });
});
