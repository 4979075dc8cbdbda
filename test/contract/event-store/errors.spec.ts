import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import {
  binaryEvent,
  DeadlineExceededError,
  EventStoreDBClient,
  MaxAppendSizeExceededError,
} from '@eventstore/db-client';
import {
  appendPaths,
  collect,
  connectAroundTests,
  event,
  failureOf,
  numbersOf,
  uniqueName,
} from './support.js';

const store = connectAroundTests();
const MEGABYTE = 1024 * 1024;

const blob = (bytes: number) => binaryEvent({ id: randomUUID(), type: 'Blob', data: new Uint8Array(bytes) });

describe.each(appendPaths)('an append by $path', ({ options }) => {
  it.each([
    { of: 'one event', sizes: [MEGABYTE] },
    { of: 'many events', sizes: Array.from({ length: 20 }, () => 60_000) },
  ])('above 1 MiB of $of is refused, and the stream is untouched', async ({ sizes }) => {
    const stream = uniqueName('large');
    await store.client.appendToStream(stream, event(0));
    const error = await failureOf(store.client.appendToStream(stream, sizes.map(blob), options));
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    expect(error).toMatchObject({ maxAppendSize: MEGABYTE });
    expect(await collect(store.client.readStream(stream))).toHaveLength(1);
  });

  it('just below 1 MiB is taken', async () => {
    const stream = uniqueName('fits');
    await store.client.appendToStream(stream, blob(MEGABYTE - 1_000), options);
    const [{ event: found } = {}] = await collect(store.client.readStream(stream));
    expect(found!.data).toHaveLength(MEGABYTE - 1_000);
  });
});

describe('an append by BatchAppend', () => {
  it('that is too late when it comes is answered with a timeout', async () => {
    const stream = uniqueName('late');
    await store.client.appendToStream(uniqueName('connect'), event());
    const error = await failureOf(store.client.appendToStream(stream, event(), { deadline: -1_000 }));
    expect(error).toBeInstanceOf(DeadlineExceededError);
  });

  it('that fails leaves those beside it alone', async () => {
    const good = uniqueName('good');
    const results = await Promise.allSettled([
      store.client.appendToStream(good, event(0)),
      store.client.appendToStream(uniqueName('bad'), event(1), { expectedRevision: 5n }),
      store.client.appendToStream(uniqueName('bad'), blob(MEGABYTE)),
      store.client.appendToStream(good, event(2)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(numbersOf(await collect(store.client.readStream(good)))).toEqual([0, 2]);
  });
});

describe('a client', () => {
  it('finds the server by gossip', async () => {
    const discovering = EventStoreDBClient.connectionString(store.url.replace('esdb://', 'esdb+discover://'));
    const stream = uniqueName('gossip');
    await discovering.appendToStream(stream, event(3));
    await discovering.dispose();
    expect(numbersOf(await collect(store.client.readStream(stream)))).toEqual([3]);
  });

  it('that ends its calls does not disturb another', async () => {
    const other = EventStoreDBClient.connectionString(store.url);
    const stream = uniqueName('shared');
    await other.appendToStream(stream, event(0));
    const subscription = other.subscribeToAll();
    subscription.on('data', () => undefined);
    subscription.on('error', () => undefined);
    await once(subscription, 'confirmation');
    await other.dispose();
    expect(numbersOf(await collect(store.client.readStream(stream)))).toEqual([0]);
  });
});
