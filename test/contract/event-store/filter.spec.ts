import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  streamNameFilter,
  type Filter,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { connectAroundTests, event, events, failureOf, take, uniqueName } from './support.js';

const store = connectAroundTests();

/** Subscribes to new events, appends, and returns the events before the one that ends the test. */
async function seenThrough(filter: Filter, append: () => Promise<unknown>, end: string) {
  const subscription = store.client.subscribeToAll({ fromPosition: END, filter });
  const seen: ResolvedEvent[] = [];
  const watching = (async () => {
    for await (const one of subscription as AsyncIterable<ResolvedEvent>) {
      if (one.event!.streamId === end) break;
      seen.push(one);
    }
  })();
  await once(subscription, 'caughtUp');
  await append();
  await store.client.appendToStream(end, event(0, 'end-'));
  await watching;
  return seen;
}

describe('a filter', () => {
  const id = randomUUID();
  const names = {
    red: `red-${id}`,
    reddish: `reddish-${id}`,
    blue: `blue-${id}`,
    infrared: `infrared-${id}`,
  };
  const end = () => `end-${randomUUID()}`;
  const appendAll = async () => {
    for (const [type, stream] of Object.entries(names)) {
      await store.client.appendToStream(stream, event(0, `${type}-${id}`));
    }
  };

  /** Each filter also matches the event that ends the test. */
  const cases = [
    { by: 'a prefix', prefixes: ['red-', 'end-'], expected: ['red'] },
    { by: 'prefixes', prefixes: ['reddish', 'blue', 'end-'], expected: ['reddish', 'blue'] },
    { by: 'a regular expression', regex: '^(red|blue|end)-', expected: ['red', 'blue'] },
  ];
  const filterBy = (
    make: typeof streamNameFilter,
    { prefixes, regex }: { prefixes?: string[]; regex?: string },
  ) => (prefixes ? make({ prefixes }) : make({ regex: regex! }));

  it.each(cases)('matches streams by $by of the name', async ({ expected, ...options }) => {
    const seen = await seenThrough(filterBy(streamNameFilter, options), appendAll, end());
    const own = seen.filter((one) => one.event!.streamId.endsWith(id));
    expect(own.map((one) => one.event!.streamId.slice(0, -37))).toEqual(expected);
  });

  it.each(cases)('matches events by $by of the type', async ({ expected, ...options }) => {
    const seen = await seenThrough(filterBy(eventTypeFilter, options), appendAll, end());
    const own = seen.filter((one) => one.event!.type.endsWith(id));
    expect(own.map((one) => one.event!.type.slice(0, -37))).toEqual(expected);
  });

  it('excludes events that the server writes for itself', async () => {
    const stream = uniqueName('with-metadata');
    const seen = await seenThrough(
      excludeSystemEvents(),
      async () => {
        await store.client.setStreamMetadata(stream, { maxCount: 9 });
        await store.client.appendToStream(stream, event(0));
      },
      end(),
    );
    expect(seen.map((one) => one.event!.type)).not.toContain('$metadata');
    expect(seen.map((one) => one.event!.streamId)).toContain(stream);
  });

  it('also matches earlier events, in order', async () => {
    const prefix = uniqueName('past');
    const { position: from } = await store.client.appendToStream(uniqueName('from'), event(0));
    for (let n = 0; n < 5; n++) {
      await store.client.appendToStream(`${prefix}-${n}`, event(n));
      await store.client.appendToStream(uniqueName('noise'), events(10));
    }
    const filter = streamNameFilter({ prefixes: [prefix] });
    const taken = await take(store.client.subscribeToAll({ fromPosition: from!, filter }), 5);
    expect(taken.map((one) => one.event!.streamId)).toEqual([0, 1, 2, 3, 4].map((n) => `${prefix}-${n}`));
  });

  it('fails the subscription if it is not a regular expression', async () => {
    const filter = streamNameFilter({ regex: '(' });
    const subscription = store.client.subscribeToAll({ filter });
    expect(await failureOf(take(subscription, 1))).toBeInstanceOf(Error);
  });
});

describe('checkpoints of a filtered subscription', () => {
  /**
   * A window of 2 events and a checkpoint every 3 windows: a checkpoint after about 6 events and a page of reading at
   * the latest.
   */
  const options = { maxSearchWindow: 2, checkpointInterval: 3 };

  it('arrive while nothing matches, increase, and can be resumed from without loss', async () => {
    const prefix = uniqueName('wanted');
    const { position: from } = await store.client.appendToStream(uniqueName('from'), event(0));
    const checkpoints: Position[] = [];
    const reached = Promise.withResolvers<void>();
    const filter = streamNameFilter({
      prefixes: [prefix],
      ...options,
      checkpointReached(_subscription, position) {
        checkpoints.push(position);
        if (checkpoints.length === 3) reached.resolve();
      },
    });
    const subscription = store.client.subscribeToAll({ fromPosition: from!, filter });
    subscription.on('data', () => undefined);
    await once(subscription, 'caughtUp');
    for (let n = 0; n < 50; n++) await store.client.appendToStream(uniqueName('noise'), events(2));
    await reached.promise;
    await subscription.unsubscribe();

    const commits = checkpoints.map(({ commit }) => commit);
    expect(commits).toEqual([...new Set(commits)].toSorted((a, b) => (a < b ? -1 : 1)));
    expect(commits[0]).toBeGreaterThanOrEqual(from!.commit);

    await store.client.appendToStream(`${prefix}-1`, event(1));
    const resumed = store.client.subscribeToAll({
      fromPosition: checkpoints.at(-1)!,
      filter: streamNameFilter({ prefixes: [prefix] }),
    });
    const [one] = await take(resumed, 1);
    expect(one!.event!.streamId).toBe(`${prefix}-1`);
  });

  it('arrive after the events that they cover', async () => {
    const prefix = uniqueName('covered');
    const seen: { checkpoint: boolean; commit: bigint }[] = [];
    const enough = Promise.withResolvers<void>();
    const filter = streamNameFilter({
      prefixes: [prefix],
      ...options,
      checkpointReached(_subscription, { commit }) {
        seen.push({ checkpoint: true, commit });
        if (seen.length > 60) enough.resolve();
      },
    });
    const subscription = store.client.subscribeToAll({ fromPosition: END, filter });
    subscription.on('data', (one: ResolvedEvent) => {
      seen.push({ checkpoint: false, commit: one.event!.position!.commit });
    });
    await once(subscription, 'caughtUp');
    for (let n = 0; n < 80; n++)
      await store.client.appendToStream(n % 4 ? `${prefix}-${n}` : uniqueName('noise'), event(n));
    await enough.promise;
    await subscription.unsubscribe();
    const commits = seen.map(({ commit }) => commit);
    expect(commits).toEqual(commits.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    expect(seen.some(({ checkpoint }) => !checkpoint)).toBe(true);
  });
});
