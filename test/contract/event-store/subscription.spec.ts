import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { binaryEvent, END, START, StreamDeletedError, type ResolvedEvent } from '@eventstore/db-client';
import { until } from '../../support/until.js';
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
const ABORTED = 10;

/** Returns the next revisions of a stream. A reader that was too slow subscribes again. */
async function follow(stream: string, count: number): Promise<bigint[]> {
  const seen: bigint[] = [];
  while (seen.length < count) {
    const from = seen.length === 0 ? {} : { fromRevision: seen.at(-1)! };
    const subscription = store.client.subscribeToStream(stream, from) as AsyncIterable<ResolvedEvent>;
    try {
      for await (const { event: found } of subscription) {
        seen.push(found!.revision);
        if (seen.length === count) break;
      }
    } catch (error) {
      if ((error as { code?: number }).code !== ABORTED) throw error;
    }
  }
  return seen;
}

describe('a subscription to a stream', () => {
  it('delivers existing events, reports that it has caught up, and continues with new events', async () => {
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

  it('starts after the given revision', async () => {
    const stream = uniqueName('after');
    await store.client.appendToStream(stream, events(4));
    const taken = await take(store.client.subscribeToStream(stream, { fromRevision: 1n }), 2);
    expect(numbersOf(taken)).toEqual([2, 3]);
  });

  it('delivers only new events from the end', async () => {
    const stream = uniqueName('end');
    await store.client.appendToStream(stream, events(3));
    const subscription = store.client.subscribeToStream(stream, { fromRevision: END });
    const taking = take(subscription, 1);
    await once(subscription, 'confirmation');
    await once(subscription, 'caughtUp');
    await store.client.appendToStream(stream, event(7));
    expect(numbersOf(await taking)).toEqual([7]);
  });

  it('waits for a stream that does not exist yet', async () => {
    const stream = uniqueName('early');
    const subscription = store.client.subscribeToStream(stream, { fromRevision: START });
    const taking = take(subscription, 2);
    await once(subscription, 'confirmation');
    await store.client.appendToStream(stream, events(2));
    expect(numbersOf(await taking)).toEqual([0, 1]);
  });

  it('delivers each event once while many are appended', async () => {
    const stream = uniqueName('storm');
    const following = follow(stream, 600);
    await Promise.all(
      Array.from({ length: 200 }, (_, n) => store.client.appendToStream(stream, events(3, `T${n}`))),
    );
    expect(await following).toEqual(Array.from({ length: 600 }, (_, n) => BigInt(n)));
  });

  it('waits for a slow consumer as long as it takes while it catches up', async () => {
    const stream = uniqueName('slow');
    await store.client.appendToStream(stream, events(2_000));
    const subscription = store.client.subscribeToStream(stream);
    await once(subscription, 'readable');
    for (let n = 0; n < 5; n++) await store.client.appendToStream(stream, events(100));
    await pause(500);
    const found = await take(subscription, 2_500);
    expect(found.map((one) => one.event!.revision)).toEqual(
      Array.from({ length: 2_500 }, (_, n) => BigInt(n)),
    );
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

  it('ends with an error when the stream is tombstoned', async () => {
    const stream = uniqueName('tombstoned');
    await store.client.appendToStream(stream, event(0));
    const subscription = store.client.subscribeToStream(stream);
    const collecting = failureOf(collect(subscription as AsyncIterable<ResolvedEvent>));
    await once(subscription, 'caughtUp');
    await store.client.tombstoneStream(stream);
    expect(await collecting).toBeInstanceOf(StreamDeletedError);
  });
});

/** A live subscription whose consumer does not read. */
async function unread(stream: string) {
  const subscription = store.client.subscribeToStream(stream, { fromRevision: END });
  const seen: bigint[] = [];
  const ended = new Promise<Error & { code?: number }>((resolve) => subscription.once('error', resolve));
  subscription.on('data', (one: ResolvedEvent) => void seen.push(one.event!.revision));
  await once(subscription, 'caughtUp');
  subscription.pause();
  return { subscription, seen, ended };
}

/** Events that fill the buffers between server and consumer. */
const large = (count: number) =>
  Array.from({ length: count }, () =>
    binaryEvent({ type: 'Tested', data: Buffer.alloc(20_000, 'x'), metadata: new Uint8Array() }),
  );

describe('a live subscription whose consumer has stopped reading', () => {
  it('buffers 64 events', async () => {
    const stream = uniqueName('held');
    const { subscription, seen } = await unread(stream);
    for (let n = 0; n < 2; n++) await store.client.appendToStream(stream, large(32));
    await pause(500);
    subscription.resume();
    await until(() => seen.length === 64, 10_000, 'all that was held');
    expect(seen).toEqual(Array.from({ length: 64 }, (_, n) => BigInt(n)));
    await subscription.unsubscribe();
  });

  it('ends when there are more, without a gap in the events that it delivered', async () => {
    const stream = uniqueName('too-slow');
    const { subscription, seen, ended } = await unread(stream);
    for (let n = 0; n < 20; n++) await store.client.appendToStream(stream, large(32));
    await pause(500);
    subscription.resume();
    const error = await ended;
    expect(error.code).toBe(ABORTED);
    expect(error.message).toContain(
      'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
    );
    expect(seen).toEqual(seen.map((_, n) => BigInt(n)));
    expect(seen.length).toBeLessThan(640);
    const rest = store.client.subscribeToStream(
      stream,
      seen.length === 0 ? {} : { fromRevision: seen.at(-1)! },
    );
    const next = await take(rest, 640 - seen.length);
    expect(next.at(-1)!.event!.revision).toBe(639n);
  }, 20_000);
});

describe('a subscription to $all', () => {
  it('starts after the given position, with the events of every stream', async () => {
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

  it('delivers only new events from the end', async () => {
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

  it('can be ended without closing the client', async () => {
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
