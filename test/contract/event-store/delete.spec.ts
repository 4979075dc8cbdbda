import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  BACKWARDS,
  END,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
  StreamNotFoundError,
  type StreamMetadata,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import {
  appendPaths,
  collect,
  connectAroundTests,
  event,
  events,
  failureOf,
  numbersOf,
  revisionsOf,
  uniqueName,
} from './support.js';

const store = connectAroundTests();
const read = (stream: string) => collect(store.client.readStream(stream));

describe('a deleted stream', () => {
  const deleted = async () => {
    const stream = uniqueName('deleted');
    await store.client.appendToStream(stream, events(3));
    await store.client.deleteStream(stream);
    return stream;
  };

  it('does not exist for readers', async () => {
    expect(await failureOf(read(await deleted()))).toBeInstanceOf(StreamNotFoundError);
  });

  it('stays in $all', async () => {
    const stream = uniqueName('remembered');
    const { position } = await store.client.appendToStream(stream, event(1));
    await store.client.deleteStream(stream);
    const found = await collect(store.client.readAll({ fromPosition: position! }));
    expect(found.map((one) => one.event!.streamId)).toContain(stream);
  });

  it.each([NO_STREAM, 2n] as const)(
    'continues its revisions when it is written to again with %s, and hides the earlier events',
    async (expectedRevision) => {
      const stream = await deleted();
      const { nextExpectedRevision } = await store.client.appendToStream(stream, event(9), {
        expectedRevision,
      });
      expect(nextExpectedRevision).toBe(3n);
      const found = await read(stream);
      expect(revisionsOf(found)).toEqual([3n]);
      expect(numbersOf(found)).toEqual([9]);
      const backwards = store.client.readStream(stream, { direction: BACKWARDS, fromRevision: END });
      expect(numbersOf(await collect(backwards))).toEqual([9]);
    },
  );

  it.each(appendPaths)('does not exist for an append that expects it to ($path)', async ({ options }) => {
    const append = store.client.appendToStream(await deleted(), event(), {
      ...options,
      expectedRevision: STREAM_EXISTS,
    });
    expect(await failureOf(append)).toBeInstanceOf(StreamDeletedError);
  });

  it('stays hidden when only its metadata is written', async () => {
    const stream = await deleted();
    await store.client.setStreamMetadata(stream, { maxCount: 10 });
    expect(await read(stream)).toEqual([]);
    await store.client.appendToStream(stream, event(5));
    expect(numbersOf(await read(stream))).toEqual([5]);
  });
});

describe('a delete', () => {
  it('returns its position in $all', async () => {
    const stream = uniqueName('position');
    const appended = await store.client.appendToStream(stream, event());
    const { position } = await store.client.deleteStream(stream);
    expect(position!.commit).toBeGreaterThan(appended.position!.commit);
  });

  it.each([
    { expectedRevision: 5n, actualVersion: 1n, expectedVersion: 5n },
    { expectedRevision: NO_STREAM, actualVersion: 1n, expectedVersion: -1n },
  ] as const)(
    'fails with the expected revision $expectedRevision for a stream at 1',
    async ({ expectedRevision, ...told }) => {
      const stream = uniqueName('expected');
      await store.client.appendToStream(stream, events(2));
      const error = await failureOf(store.client.deleteStream(stream, { expectedRevision }));
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({ streamName: stream, ...told });
      expect(await read(stream)).toHaveLength(2);
    },
  );

  it('fails for a stream that never existed', async () => {
    const error = await failureOf(store.client.deleteStream(uniqueName('never')));
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
  });
});

describe('a tombstoned stream', () => {
  const tombstoned = async () => {
    const stream = uniqueName('tombstoned');
    await store.client.appendToStream(stream, events(2));
    await store.client.tombstoneStream(stream, { expectedRevision: 1n });
    return stream;
  };

  it('fails reads', async () => {
    const stream = await tombstoned();
    const error = await failureOf(read(stream));
    expect(error).toBeInstanceOf(StreamDeletedError);
    expect(error).toMatchObject({ streamName: stream });
  });

  it.each(appendPaths)('fails appends, whatever they expect ($path)', async ({ options }) => {
    const stream = await tombstoned();
    for (const expectedRevision of ['any', NO_STREAM, STREAM_EXISTS, 1n] as const) {
      const error = await failureOf(
        store.client.appendToStream(stream, event(), { ...options, expectedRevision }),
      );
      expect(error).toBeInstanceOf(StreamDeletedError);
      expect(error).toMatchObject({ streamName: stream });
    }
  });

  it('can be neither deleted nor tombstoned again, and accepts no metadata', async () => {
    const stream = await tombstoned();
    expect(await failureOf(store.client.deleteStream(stream))).toBeInstanceOf(StreamDeletedError);
    expect(await failureOf(store.client.tombstoneStream(stream))).toBeInstanceOf(StreamDeletedError);
    expect(await failureOf(store.client.setStreamMetadata(stream, { maxCount: 1 }))).toBeInstanceOf(
      StreamDeletedError,
    );
  });

  it('has its tombstone in $all', async () => {
    const stream = uniqueName('in-all');
    const { position } = await store.client.appendToStream(stream, event());
    await store.client.tombstoneStream(stream);
    const found = await collect(store.client.readAll({ fromPosition: position! }));
    expect(found.filter((one) => one.event!.streamId === stream).map((one) => one.event!.type)).toEqual([
      'Tested',
      '$streamDeleted',
    ]);
  });

  it('can be tombstoned before it exists', async () => {
    const stream = uniqueName('never');
    await store.client.tombstoneStream(stream);
    expect(await failureOf(store.client.appendToStream(stream, event()))).toBeInstanceOf(StreamDeletedError);
  });
});

describe('the metadata of a stream', () => {
  const streamWith = async (metadata: StreamMetadata) => {
    const stream = uniqueName('metadata');
    await store.client.appendToStream(stream, events(5));
    await store.client.setStreamMetadata(stream, metadata);
    return stream;
  };

  it('are returned as written', async () => {
    const stream = await streamWith({ maxCount: 3, custom: { a: 1 } });
    expect((await store.client.getStreamMetadata(stream)).metadata).toEqual({
      maxCount: 3,
      custom: { a: 1 },
    });
    await store.client.setStreamMetadata(stream, { maxAge: 100 });
    expect((await store.client.getStreamMetadata(stream)).metadata).toEqual({ maxAge: 100 });
    expect(await read(`$$${stream}`)).toHaveLength(1);
  });

  it('limit the stream to its last $maxCount events', async () => {
    const stream = await streamWith({ maxCount: 2 });
    expect(numbersOf(await read(stream))).toEqual([3, 4]);
    await store.client.appendToStream(stream, event(5));
    expect(numbersOf(await read(stream))).toEqual([4, 5]);
    const backwards = store.client.readStream(stream, { direction: BACKWARDS, fromRevision: END });
    expect(numbersOf(await collect(backwards))).toEqual([5, 4]);
  });

  it('hide events before $tb', async () => {
    const stream = await streamWith({ truncateBefore: 3 });
    expect(numbersOf(await read(stream))).toEqual([3, 4]);
    await store.client.setStreamMetadata(stream, { truncateBefore: 9 });
    expect(await read(stream)).toEqual([]);
  });

  it('hide events older than $maxAge seconds', async () => {
    const stream = await streamWith({ maxAge: 1 });
    const [last] = (await read(stream)).slice(-1);
    // Only time can make the event expire.
    await pause(last!.event!.created.getTime() + 1_100 - Date.now());
    expect(await read(stream)).toEqual([]);
    await store.client.appendToStream(stream, event(9));
    expect(numbersOf(await read(stream))).toEqual([9]);
  });

  it('can be written before the first event', async () => {
    const stream = uniqueName('ahead');
    await store.client.setStreamMetadata(stream, { maxCount: 1 });
    await store.client.appendToStream(stream, events(3), { expectedRevision: NO_STREAM });
    expect(numbersOf(await read(stream))).toEqual([2]);
  });

  it('leave $all unchanged', async () => {
    const stream = uniqueName('all');
    const { position } = await store.client.appendToStream(stream, event(0));
    await store.client.appendToStream(stream, event(1));
    await store.client.setStreamMetadata(stream, { maxCount: 1 });
    const found = await collect(store.client.readAll({ fromPosition: position! }));
    const own = found.filter((one) => one.event!.streamId === stream);
    expect(numbersOf(own)).toEqual([0, 1]);
  });

  it('are written at the expected revision only', async () => {
    const stream = await streamWith({ maxCount: 3 });
    const second = store.client.setStreamMetadata(stream, { maxCount: 2 }, { expectedRevision: NO_STREAM });
    expect(await failureOf(second)).toBeInstanceOf(WrongExpectedVersionError);
    await store.client.setStreamMetadata(stream, { maxCount: 1 }, { expectedRevision: 0n });
    expect(numbersOf(await read(stream))).toEqual([4]);
  });
});
