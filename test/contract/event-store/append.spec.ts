import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ANY, jsonEvent, NO_STREAM, STREAM_EXISTS, WrongExpectedVersionError } from '@eventstore/db-client';
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

describe.each(appendPaths)('an append by $path', ({ options }) => {
  const append = (...[stream, what, more]: Parameters<typeof store.client.appendToStream>) =>
    store.client.appendToStream(stream, what, { ...options, ...more });
  const numbersIn = async (stream: string) => numbersOf(await collect(store.client.readStream(stream)));

  it('numbers the events of a stream from 0 and returns the last revision', async () => {
    const stream = uniqueName('numbers');
    expect((await append(stream, events(3))).nextExpectedRevision).toBe(2n);
    expect((await append(stream, event(3))).nextExpectedRevision).toBe(3n);
    const found = await collect(store.client.readStream(stream));
    expect(revisionsOf(found)).toEqual([0n, 1n, 2n, 3n]);
    expect(numbersOf(found)).toEqual([0, 1, 2, 3]);
  });

  it('stores id, type, data and metadata unchanged', async () => {
    const stream = uniqueName('content');
    const sent = jsonEvent({
      id: randomUUID(),
      type: 'Größe 📏',
      data: { text: 'é\u0000\u2028"', nested: [1, null, { a: true }] },
      metadata: { $correlationId: 'c' },
    });
    const before = Date.now();
    await append(stream, sent);
    const [{ event: found } = {}] = await collect(store.client.readStream(stream));
    const { contentType: _sentAs, ...asSent } = sent;
    expect(found).toMatchObject({ ...asSent, streamId: stream, isJson: true });
    expect(Math.abs(found!.created.getTime() - before)).toBeLessThan(60_000);
  });

  it('returns the position of its last event in $all', async () => {
    const { position } = await append(uniqueName('position'), events(2));
    const { position: later } = await append(uniqueName('position'), event());
    expect(later!.commit).toBeGreaterThan(position!.commit);
  });

  it.each([
    { expectedRevision: ANY, exists: false },
    { expectedRevision: ANY, exists: true },
    { expectedRevision: NO_STREAM, exists: false },
    { expectedRevision: STREAM_EXISTS, exists: true },
    { expectedRevision: 0n, exists: true },
  ] as const)(
    'succeeds with the expected revision $expectedRevision (stream exists: $exists)',
    async (given) => {
      const stream = uniqueName('expected');
      if (given.exists) await append(stream, event());
      const { nextExpectedRevision } = await append(stream, event(7), given);
      expect(nextExpectedRevision).toBe(given.exists ? 1n : 0n);
    },
  );

  it.each([
    { expectedRevision: NO_STREAM, exists: true },
    { expectedRevision: STREAM_EXISTS, exists: false },
    { expectedRevision: 0n, exists: false },
    { expectedRevision: 1n, exists: true },
  ] as const)(
    'fails with the expected revision $expectedRevision (stream exists: $exists)',
    async (given) => {
      const stream = uniqueName('unexpected');
      if (given.exists) await append(stream, event());
      const error = await failureOf(append(stream, event(7), given));
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({
        type: 'wrong-expected-version',
        streamName: stream,
        expectedVersion: given.expectedRevision,
        actualVersion: given.exists ? 0n : 'no_stream',
      });
    },
  );

  it.each([NO_STREAM, ANY, STREAM_EXISTS] as const)(
    'returns the first result for a repeat with %s, and adds nothing',
    async (expectedRevision) => {
      const stream = uniqueName('repeat');
      if (expectedRevision === STREAM_EXISTS) await append(stream, event(99));
      const batch = events(3);
      const first = await append(stream, batch, { expectedRevision });
      expect(await append(stream, batch, { expectedRevision })).toEqual(first);
      expect((await numbersIn(stream)).slice(-3)).toEqual([0, 1, 2]);
      expect(await numbersIn(stream)).toHaveLength(expectedRevision === STREAM_EXISTS ? 4 : 3);
    },
  );

  it('returns the first result for a repeat in the middle of a stream', async () => {
    const stream = uniqueName('middle');
    await append(stream, events(2));
    const batch = events(2);
    const first = await append(stream, batch, { expectedRevision: 1n });
    await append(stream, event(5));
    expect(await append(stream, batch, { expectedRevision: 1n })).toEqual(first);
    expect(await numbersIn(stream)).toEqual([0, 1, 0, 1, 5]);
  });

  it('adds the same event again after itself', async () => {
    const stream = uniqueName('head');
    const same = event(1);
    await append(stream, same, { expectedRevision: NO_STREAM });
    expect((await append(stream, same, { expectedRevision: 0n })).nextExpectedRevision).toBe(1n);
    expect(await numbersIn(stream)).toEqual([1, 1]);
  });

  it('fails with a known event at another revision', async () => {
    const stream = uniqueName('elsewhere');
    const [a, b, c] = events(3);
    await append(stream, [a!, b!, c!], { expectedRevision: NO_STREAM });
    for (const batch of [[b!], [a!, c!], [a!, b!, event(3)]]) {
      expect(await failureOf(append(stream, batch, { expectedRevision: NO_STREAM }))).toBeInstanceOf(
        WrongExpectedVersionError,
      );
    }
    expect(await numbersIn(stream)).toEqual([0, 1, 2]);
  });

  it('fails for a known event followed by a new one, whatever revision is expected', async () => {
    const stream = uniqueName('partial');
    const known = event(0);
    await append(stream, known);
    expect(await failureOf(append(stream, [known, event(1)]))).toBeInstanceOf(WrongExpectedVersionError);
  });

  it('may use an event id again in another stream', async () => {
    const same = event(4);
    const streams = [uniqueName('one'), uniqueName('other')];
    for (const stream of streams) await append(stream, same);
    for (const stream of streams) expect(await numbersIn(stream)).toEqual([4]);
  });

  // A real server drops a repeat that arrives while the first append is being written, so the repeat times out.
  it('stores concurrent repeats once', async () => {
    const stream = uniqueName('race');
    const batch = events(2);
    const results = await Promise.allSettled(
      Array.from({ length: 16 }, () => append(stream, batch, { expectedRevision: NO_STREAM })),
    );
    const positions = results.flatMap((result) =>
      result.status === 'fulfilled' ? [result.value.position!.commit] : [],
    );
    expect(new Set(positions).size).toBe(1);
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.type] : []));
    expect(refusals.filter((type) => type !== 'deadline-exceeded' && type !== 'timeout')).toEqual([]);
    expect(await numbersIn(stream)).toEqual([0, 1]);
  });

  it('succeeds for one of several concurrent appends at one revision', async () => {
    const stream = uniqueName('winner');
    const results = await Promise.allSettled(
      Array.from({ length: 16 }, (_, n) => append(stream, event(n), { expectedRevision: NO_STREAM })),
    );
    const won = results.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []));
    expect(won).toHaveLength(1);
    expect(await numbersIn(stream)).toEqual(won);
  });
});

describe('an append of several events', () => {
  it('fails as a whole', async () => {
    const stream = uniqueName('whole');
    await store.client.appendToStream(stream, event());
    await failureOf(store.client.appendToStream(stream, events(5), { expectedRevision: NO_STREAM }));
    expect(await collect(store.client.readStream(stream))).toHaveLength(1);
  });
});
