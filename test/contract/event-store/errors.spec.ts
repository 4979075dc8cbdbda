import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import {
  binaryEvent,
  DeadlineExceededError,
  EventStoreDBClient,
  MaxAppendSizeExceededError,
} from '@eventstore/db-client';
import { closeEventStore } from '#libs/event-store';
import {
  appendPaths,
  collect,
  connectAroundTests,
  event,
  failureOf,
  numbersOf,
  uniqueName,
} from './support.js';
import { realServers } from '../../support/real-servers.js';

const store = connectAroundTests();
const MEGABYTE = 1024 * 1024;

/** Type and metadata do not count. */
const blob = (bytes: number) =>
  binaryEvent({
    id: randomUUID(),
    type: 'Blob',
    data: new Uint8Array(bytes),
    metadata: new Uint8Array(10_000),
  });

describe.each(appendPaths)('an append by $path', ({ options }) => {
  it.each([
    { of: 'one event', sizes: [MEGABYTE + 1] },
    { of: 'many events', sizes: [...Array.from({ length: 16 }, () => MEGABYTE / 16), 1] },
  ])(
    'fails with one byte more than 1 MiB of data in $of, and leaves the stream unchanged',
    async ({ sizes }) => {
      const stream = uniqueName('large');
      await store.client.appendToStream(stream, event(0));
      const error = await failureOf(store.client.appendToStream(stream, sizes.map(blob), options));
      expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
      expect(error).toMatchObject({ maxAppendSize: MEGABYTE });
      expect(await collect(store.client.readStream(stream))).toHaveLength(1);
    },
  );

  it.each([
    { of: 'one event', sizes: [MEGABYTE] },
    { of: 'many events', sizes: Array.from({ length: 16 }, () => MEGABYTE / 16) },
  ])('succeeds with exactly 1 MiB of data in $of', async ({ sizes }) => {
    const stream = uniqueName('fits');
    await store.client.appendToStream(stream, sizes.map(blob), options);
    const found = await collect(store.client.readStream(stream));
    expect(found.map((one) => one.event!.data)).toHaveLength(sizes.length);
    expect((found[0]!.event!.data as Uint8Array).length).toBe(sizes[0]);
  });
});

describe('an append by BatchAppend', () => {
  it('gets a timeout if its deadline has passed', async () => {
    const stream = uniqueName('late');
    await store.client.appendToStream(uniqueName('connect'), event());
    const since = performance.now();
    const error = await failureOf(store.client.appendToStream(stream, event(), { deadline: -1_000 }));
    expect(error).toBeInstanceOf(DeadlineExceededError);
    expect(performance.now() - since).toBeLessThan(1_000);
  });

  it('does not affect concurrent appends if its deadline has passed', async () => {
    const good = uniqueName('good');
    const results = await Promise.allSettled([
      store.client.appendToStream(good, event(0)),
      store.client.appendToStream(uniqueName('late'), event(1), { deadline: -1_000 }),
      store.client.appendToStream(good, event(2)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(numbersOf(await collect(store.client.readStream(good)))).toEqual([0, 2]);
  });

  it('does not affect concurrent appends if it fails', async () => {
    const good = uniqueName('good');
    const results = await Promise.allSettled([
      store.client.appendToStream(good, event(0)),
      store.client.appendToStream(uniqueName('bad'), event(1), { expectedRevision: 5n }),
      store.client.appendToStream(uniqueName('bad'), blob(MEGABYTE + 1)),
      store.client.appendToStream(good, event(2)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(numbersOf(await collect(store.client.readStream(good)))).toEqual([0, 2]);
  });
});

describe('a client', () => {
  // A server in a container announces its port there, and not the one to which the engine maps it.
  const itWithoutMappedPort = realServers().has('containers') ? it.skip : it;
  itWithoutMappedPort('finds the server by gossip', async () => {
    const discovering = EventStoreDBClient.connectionString(store.url.replace('esdb://', 'esdb+discover://'));
    const stream = uniqueName('gossip');
    await discovering.appendToStream(stream, event(3));
    await closeEventStore(discovering);
    // oxlint-disable-next-line jest/no-standalone-expect -- itWithoutMappedPort is a test
    expect(numbersOf(await collect(store.client.readStream(stream)))).toEqual([3]);
  });

  it('does not disturb another client when it ends its calls', async () => {
    const other = EventStoreDBClient.connectionString(store.url);
    const stream = uniqueName('shared');
    await other.appendToStream(stream, event(0));
    const subscription = other.subscribeToAll();
    subscription.on('data', () => undefined);
    subscription.on('error', () => undefined);
    await once(subscription, 'confirmation');
    await closeEventStore(other);
    expect(numbersOf(await collect(store.client.readStream(stream)))).toEqual([0]);
  });
});
