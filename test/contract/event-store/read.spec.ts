import { describe, expect, it } from '@jest/globals';
import {
  BACKWARDS,
  binaryEvent,
  END,
  FORWARDS,
  START,
  StreamNotFoundError,
  type Position,
} from '@eventstore/db-client';
import {
  binaryLink,
  collect,
  connectAroundTests,
  event,
  events,
  failureOf,
  numbersOf,
  uniqueName,
} from './support.js';

const store = connectAroundTests();

const streamOf = async (count: number) => {
  const stream = uniqueName('read');
  await store.client.appendToStream(stream, events(count));
  return stream;
};

describe('a read of a stream', () => {
  it.each([
    { direction: FORWARDS, fromRevision: START, maxCount: 2, expected: [0, 1] },
    { direction: FORWARDS, fromRevision: 3n, maxCount: 9, expected: [3, 4] },
    { direction: FORWARDS, fromRevision: 4n, maxCount: 1, expected: [4] },
    { direction: FORWARDS, fromRevision: 5n, maxCount: 9, expected: [] },
    { direction: BACKWARDS, fromRevision: END, maxCount: 2, expected: [4, 3] },
    { direction: BACKWARDS, fromRevision: 2n, maxCount: 9, expected: [2, 1, 0] },
    { direction: BACKWARDS, fromRevision: 99n, maxCount: 2, expected: [4, 3] },
    { direction: BACKWARDS, fromRevision: 0n, maxCount: 9, expected: [0] },
  ] as const)(
    'goes $direction from $fromRevision, at most $maxCount events',
    async ({ expected, ...options }) => {
      const found = await collect(store.client.readStream(await streamOf(5), options));
      expect(numbersOf(found)).toEqual(expected);
    },
  );

  it('returns every event of a long stream once and in order', async () => {
    const stream = await streamOf(5_000);
    const numbers = numbersOf(await collect(store.client.readStream(stream)));
    expect(numbers).toEqual(Array.from({ length: 5_000 }, (_, n) => n));
    const backwards = await collect(
      store.client.readStream(stream, { direction: BACKWARDS, fromRevision: END }),
    );
    expect(numbersOf(backwards)).toEqual(numbers.toReversed());
  });

  it('fails for a stream that does not exist', async () => {
    const stream = uniqueName('missing');
    const error = await failureOf(collect(store.client.readStream(stream)));
    expect(error).toBeInstanceOf(StreamNotFoundError);
    expect(error).toMatchObject({ streamName: stream });
  });

  it('returns binary data and large events', async () => {
    const stream = uniqueName('binary');
    const data = Uint8Array.from({ length: 700_000 }, (_, n) => n % 251);
    await store.client.appendToStream(
      stream,
      binaryEvent({ type: 'Blob', data, metadata: data.slice(0, 300) }),
    );
    const [{ event: found } = {}] = await collect(store.client.readStream(stream));
    expect(found!.isJson).toBe(false);
    expect(Buffer.from(found!.data as Uint8Array).equals(data)).toBe(true);
    expect(Buffer.from(found!.metadata as Uint8Array).equals(data.slice(0, 300))).toBe(true);
  });

  it('accepts any stream name', async () => {
    const stream = `${uniqueName('näme')} @/%☃`;
    await store.client.appendToStream(stream, event(1));
    const [{ event: found } = {}] = await collect(store.client.readStream(stream));
    expect(found!.streamId).toBe(stream);
  });

  it('can be stopped halfway', async () => {
    for await (const { event: found } of store.client.readStream(await streamOf(2_000))) {
      expect(found!.revision).toBe(0n);
      break;
    }
  });

  it('returns each append as soon as it is acknowledged', async () => {
    const stream = uniqueName('own-writes');
    for (let n = 0; n < 20; n++) {
      await store.client.appendToStream(stream, event(n));
      const [last] = await collect(
        store.client.readStream(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 1 }),
      );
      expect(numbersOf([last!])).toEqual([n]);
    }
  });
});

describe('a read of $all', () => {
  /** Reads positions backwards down to the given one, because others may append meanwhile. */
  const backTo = async (until: Position, fromPosition: Position | typeof END) => {
    const positions: bigint[] = [];
    for await (const one of store.client.readAll({ direction: BACKWARDS, fromPosition })) {
      positions.push(one.event!.position.commit);
      if (positions.at(-1)! <= until.commit) break;
    }
    return positions;
  };

  it('includes the start position when it goes forwards', async () => {
    const { position } = await store.client.appendToStream(uniqueName('from'), event(1));
    const { position: next } = await store.client.appendToStream(uniqueName('from'), event(2));
    const found = await collect(store.client.readAll({ fromPosition: position! }));
    expect(found[0]!.event!.position).toEqual(position);
    expect(found.map((one) => one.commitPosition)).toContain(next!.commit);
  });

  it('excludes the start position when it goes backwards', async () => {
    const { position } = await store.client.appendToStream(uniqueName('before'), event(1));
    const { position: from } = await store.client.appendToStream(uniqueName('before'), event(2));
    const positions = await backTo(position!, from!);
    expect(positions.at(-1)).toBe(position!.commit);
    expect(positions.every((one) => one < from!.commit)).toBe(true);
    expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? 1 : -1)));
  });

  it('returns the events of all streams in the order in which they were appended', async () => {
    const streams = [uniqueName('one'), uniqueName('other')];
    const { position: from } = await store.client.appendToStream(streams[0]!, event(0));
    for (let n = 1; n < 10; n++) await store.client.appendToStream(streams[n % 2]!, event(n));
    const found = await collect(store.client.readAll({ fromPosition: from! }));
    const own = found.filter((one) => streams.includes(one.event!.streamId));
    expect(numbersOf(own)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const positions = found.map((one) => one.event!.position!.commit);
    expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => (a < b ? -1 : 1)));
  });

  it('starts with events that the server wrote itself', async () => {
    const [first] = await collect(store.client.readAll({ fromPosition: START, maxCount: 1 }));
    expect(first!.event!.type).toMatch(/^\$/);
  });

  it('starts with the latest events when it goes backwards from the end', async () => {
    const { position } = await store.client.appendToStream(uniqueName('latest'), event(1));
    expect((await backTo(position!, END)).at(-1)).toBe(position!.commit);
  });
});

describe('a link', () => {
  it('is returned as itself, or as the event that it points to', async () => {
    const target = await streamOf(3);
    const stream = uniqueName('links');
    await store.client.appendToStream(stream, binaryLink(2, target));
    const [asIs] = await collect(store.client.readStream(stream));
    expect(asIs!.event!.type).toBe('$>');
    expect(asIs!.link).toBeUndefined();
    const [resolved] = await collect(store.client.readStream(stream, { resolveLinkTos: true }));
    expect(resolved!.event).toMatchObject({ streamId: target, revision: 2n });
    expect(resolved!.link).toMatchObject({ streamId: stream, revision: 0n });
    expect(resolved!.commitPosition).toBe(resolved!.link!.position!.commit);
  });

  it('is returned without an event if its target does not exist', async () => {
    const stream = uniqueName('dangling');
    await store.client.appendToStream(stream, binaryLink(9, await streamOf(1)));
    await store.client.appendToStream(stream, binaryLink(0, uniqueName('missing')));
    const found = await collect(store.client.readStream(stream, { resolveLinkTos: true }));
    expect(found.map((one) => one.event)).toEqual([undefined, undefined]);
    expect(found.map((one) => one.link!.type)).toEqual(['$>', '$>']);
  });
});
