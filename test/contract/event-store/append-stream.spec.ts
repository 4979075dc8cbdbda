import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import {
  binaryEvent,
  DeadlineExceededError,
  jsonEvent,
  MaxAppendSizeExceededError,
  UnavailableError,
  WrongExpectedVersionError,
  type EventData,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { connectEventStore } from '#libs/event-store';
import { AppendStream } from '../../../libs/event-store/src/append-stream.js';
import { internalsOf } from '../../../libs/event-store/src/client-internals.js';
import { TcpProxy } from '../../integration/support/tcp-proxy.js';
import { until } from '../../support/until.js';
import { collect, connectAroundTests, events, numbersOf, uniqueName } from './support.js';

const store = connectAroundTests();
const TIMEOUT_MS = 10_000;
const inAMinute = () => new Date(Date.now() + 60_000);

/** The service's own call of BatchAppend, which is to do what the client's does. */
describe('the call that appends go out on', () => {
  const appends = () => new AppendStream(store.client);
  const append = (
    to: AppendStream,
    stream: string,
    revision: bigint | undefined,
    what: readonly EventData[],
    timeoutMs = TIMEOUT_MS,
  ) => to.append({ stream, revision, events: what, deadline: inAMinute() }, timeoutMs);
  const stored = (stream: string) => collect(store.client.readStream(stream));

  it('appends behind the revision that it is given, and tells the new one', async () => {
    const stream = uniqueName('call');
    const call = appends();
    expect(await append(call, stream, undefined, events(3))).toBe(2n);
    expect(await append(call, stream, 2n, events(1))).toBe(3n);
    expect(numbersOf(await stored(stream))).toEqual([0, 1, 2, 0]);
  });

  it('stores the same as the client', async () => {
    const [ours, theirs] = [uniqueName('ours'), uniqueName('theirs')];
    const data = { text: 'é\u0000\u2028" دعوة 👋', nested: [1, null, { a: true }] };
    const metadata = new TextEncoder().encode(JSON.stringify({ commandId: 'c', $correlationId: 'دعوة' }));
    const all = [
      jsonEvent({ id: randomUUID(), type: 'Größe 📏', data, metadata }),
      jsonEvent({ id: randomUUID(), type: 'WithoutMetadata', data: {} }),
      binaryEvent({
        id: randomUUID(),
        type: 'Bytes',
        data: Buffer.from([0, 255]),
        metadata: new Uint8Array([1]),
      }),
    ];
    await append(appends(), ours, undefined, all);
    await store.client.appendToStream(theirs, all);
    const [mine, other] = (await Promise.all([stored(ours), stored(theirs)])).map((found) =>
      found.map(({ event }) => {
        const { created: _created, position: _position, streamId: _stream, ...rest } = event!;
        return rest;
      }),
    );
    expect(mine).toEqual(other);
  });

  it('tells a conflict from an append that is repeated', async () => {
    const stream = uniqueName('conflict');
    const call = appends();
    const first = events(2);
    await append(call, stream, undefined, first);
    expect(await append(call, stream, undefined, first)).toBe(1n);
    await expect(append(call, stream, undefined, events(1))).rejects.toBeInstanceOf(
      WrongExpectedVersionError,
    );
    await expect(append(call, stream, 7n, events(1))).rejects.toBeInstanceOf(WrongExpectedVersionError);
  });

  it('gives each of many appends its own answer', async () => {
    const call = appends();
    const streams = Array.from({ length: 300 }, (_, n) => [uniqueName(`many-${n}`), (n % 3) + 1] as const);
    const revisions = await Promise.all(
      streams.map(([stream, count]) => append(call, stream, undefined, events(count))),
    );
    expect(revisions).toEqual(streams.map(([, count]) => BigInt(count - 1)));
  });

  it('refuses what is no JSON by itself, and goes on', async () => {
    const call = appends();
    const broken = jsonEvent({ type: 'Broken', data: { number: 1n as unknown as number } });
    await expect(append(call, uniqueName('broken'), undefined, [broken])).rejects.toThrow(TypeError);
    expect(await append(call, uniqueName('well'), undefined, events(1))).toBe(0n);
  });

  it('passes on why the server does not append', async () => {
    const call = appends();
    const huge = jsonEvent({ type: 'Huge', data: { text: 'x'.repeat(1_100_000) } });
    await expect(append(call, uniqueName('huge'), undefined, [huge])).rejects.toBeInstanceOf(
      MaxAppendSizeExceededError,
    );
    const late = {
      stream: uniqueName('late'),
      revision: undefined,
      events: events(1),
      deadline: new Date(0),
    };
    await expect(call.append(late, TIMEOUT_MS)).rejects.toBeInstanceOf(DeadlineExceededError);
  });

  it('goes on by another call when an answer is overdue, and whoever waits on the old one is answered', async () => {
    const opened: Duplex[] = [];
    const internals = internalsOf(store.client);
    const counting = Object.create(internals, {
      GRPCStreamCreator: {
        value:
          (...args: Parameters<typeof internals.GRPCStreamCreator>) =>
          async () => {
            const call = (await internals.GRPCStreamCreator(...args)()) as Duplex;
            opened.push(call);
            return call;
          },
      },
    }) as EventStoreDBClient;
    const call = new AppendStream(counting);
    expect(await append(call, uniqueName('first'), undefined, events(1))).toBe(0n);
    const others = Array.from({ length: 50 }, (_, n) =>
      append(call, uniqueName(`other-${n}`), undefined, events(20)),
    );
    await expect(append(call, uniqueName('overdue'), undefined, events(1), 0)).rejects.toThrow('no answer');
    expect(await append(call, uniqueName('next'), undefined, events(1))).toBe(0n);
    expect(await Promise.all(others)).toEqual(others.map(() => 19n));
    expect(opened).toHaveLength(2);
    await until(() => opened[0]!.destroyed, TIMEOUT_MS, 'the end of the old call');
  });

  describe('to a server that cannot be reached for a while', () => {
    it('gives up after its time, takes no notice of a late answer, and ends with its own connection only', async () => {
      const url = new URL(store.url.replace('esdb:', 'http:'));
      const proxy = await TcpProxy.to(Number(url.port));
      const client = connectEventStore(store.url.replace(url.host, `127.0.0.1:${proxy.port}`));
      const far = new AppendStream(client);
      const near = appends();
      const stream = uniqueName('far');
      try {
        expect(await append(far, stream, undefined, events(1))).toBe(0n);
        proxy.fallSilent();
        const what = events(1);
        await expect(append(far, stream, 0n, what, 100)).rejects.toThrow('no answer within 100 ms');
        const waiting = append(far, stream, 0n, what);
        const elsewhere = append(near, uniqueName('near'), undefined, events(1));
        proxy.breakAll();
        await expect(waiting).rejects.toBeInstanceOf(UnavailableError);
        expect(await elsewhere).toBe(0n);
        proxy.open();
        const again = async (): Promise<bigint> =>
          append(far, stream, 0n, what).catch(() => new Promise((r) => setTimeout(r, 50)).then(again));
        expect(await again()).toBe(1n);
        expect(await stored(stream)).toHaveLength(2);
      } finally {
        await client.dispose();
        await proxy.close();
      }
    });
  });
});
