import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { END, START, StreamDeletedError, type ResolvedEvent } from '@eventstore/db-client';
import {
  binaryLink,
  collect,
  connectAroundTests,
  event,
  events,
  failureOf,
  numbersOf,
  take,
  uniqueName,
} from './support.js';

const store = connectAroundTests();

describe('a subscription to a stream', () => {
  it('gives what is there, says that it has caught up, and goes on with what comes', async () => {
    const stream = uniqueName('live');
    await store.client.appendToStream(stream, events(3));
    const subscription = store.client.subscribeToStream(stream);
    const seen: (number | string)[] = [];
    subscription.on('caughtUp', () => {
      seen.push('caught up');
      void store.client.appendToStream(stream, event(3));
    });
    for await (const one of subscription as AsyncIterable<ResolvedEvent>) {
      seen.push(...numbersOf([one]));
      if (seen.length === 5) break;
    }
    expect(seen).toEqual([0, 1, 2, 'caught up', 3]);
  });

  it('begins after the revision that it names', async () => {
    const stream = uniqueName('after');
    await store.client.appendToStream(stream, events(4));
    const taken = await take(store.client.subscribeToStream(stream, { fromRevision: 1n }), 2);
    expect(numbersOf(taken)).toEqual([2, 3]);
  });

  it('from the end gives only what comes', async () => {
    const stream = uniqueName('end');
    await store.client.appendToStream(stream, events(3));
    const subscription = store.client.subscribeToStream(stream, { fromRevision: END });
    const taking = take(subscription, 1);
    await once(subscription, 'confirmation');
    await once(subscription, 'caughtUp');
    await store.client.appendToStream(stream, event(7));
    expect(numbersOf(await taking)).toEqual([7]);
  });

  it('waits for a stream that is not there yet', async () => {
    const stream = uniqueName('early');
    const subscription = store.client.subscribeToStream(stream, { fromRevision: START });
    const taking = take(subscription, 2);
    await once(subscription, 'confirmation');
    await store.client.appendToStream(stream, events(2));
    expect(numbersOf(await taking)).toEqual([0, 1]);
  });

  it('gives each event once while many are appended', async () => {
    const stream = uniqueName('storm');
    const taking = take(store.client.subscribeToStream(stream), 600);
    await Promise.all(
      Array.from({ length: 200 }, (_, n) => store.client.appendToStream(stream, events(3, `T${n}`))),
    );
    expect((await taking).map((one) => one.event!.revision)).toEqual(
      Array.from({ length: 600 }, (_, n) => BigInt(n)),
    );
  });

  it('waits for a slow reader, then goes on to the end', async () => {
    const stream = uniqueName('slow');
    await store.client.appendToStream(stream, events(2_000));
    const subscription = store.client.subscribeToStream(stream);
    await once(subscription, 'readable');
    await store.client.appendToStream(stream, event(2_000));
    const numbers = numbersOf(await take(subscription, 2_001));
    expect(numbers).toEqual(Array.from({ length: 2_001 }, (_, n) => n));
  });

  it('resolves links', async () => {
    const target = uniqueName('target');
    const stream = uniqueName('links');
    await store.client.appendToStream(target, event(5));
    await store.client.appendToStream(stream, binaryLink(0, target));
    const [one] = await take(store.client.subscribeToStream(stream, { resolveLinkTos: true }), 1);
    expect(one!.event!.streamId).toBe(target);
    expect(one!.link!.streamId).toBe(stream);
  });

  it('ends with an error when the stream is deleted for ever', async () => {
    const stream = uniqueName('tombstoned');
    await store.client.appendToStream(stream, event(0));
    const subscription = store.client.subscribeToStream(stream);
    const collecting = failureOf(collect(subscription as AsyncIterable<ResolvedEvent>));
    await once(subscription, 'caughtUp');
    await store.client.tombstoneStream(stream);
    expect(await collecting).toBeInstanceOf(StreamDeletedError);
  });
});

describe('a subscription to $all', () => {
  it('begins after the position that it names and has every stream', async () => {
    const streams = [uniqueName('a'), uniqueName('b'), uniqueName('c')];
    const { position } = await store.client.appendToStream(streams[0]!, event(0));
    const subscription = store.client.subscribeToAll({ fromPosition: position! });
    for (const [n, stream] of streams.entries()) await store.client.appendToStream(stream, event(n + 1));
    const own: ResolvedEvent[] = [];
    for await (const one of subscription as AsyncIterable<ResolvedEvent>) {
      expect(one.event!.position!.commit).toBeGreaterThan(position!.commit);
      if (streams.includes(one.event!.streamId)) own.push(one);
      if (own.length === 3) break;
    }
    expect(numbersOf(own)).toEqual([1, 2, 3]);
  });

  it('from the end gives only what comes', async () => {
    const [before, after] = [uniqueName('before'), uniqueName('after')];
    await store.client.appendToStream(before, event(0));
    const subscription = store.client.subscribeToAll({ fromPosition: END });
    const seen: string[] = [];
    const watching = (async () => {
      for await (const one of subscription as AsyncIterable<ResolvedEvent>) {
        seen.push(one.event!.streamId);
        if (one.event!.streamId === after) break;
      }
    })();
    await once(subscription, 'caughtUp');
    await store.client.appendToStream(after, event(1));
    await watching;
    expect(seen).not.toContain(before);
  });

  it('can be ended, and the client goes on', async () => {
    const subscription = store.client.subscribeToAll({ fromPosition: END });
    subscription.on('data', () => undefined);
    await once(subscription, 'caughtUp');
    await subscription.unsubscribe();
    const seen: unknown[] = [];
    subscription.on('data', (one) => seen.push(one));
    const stream = uniqueName('on');
    await store.client.appendToStream(stream, event(0));
    expect(await collect(store.client.readStream(stream))).toHaveLength(1);
    expect(seen).toEqual([]);
  });
});
