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
import { closeEventStore, connectEventStore } from '#libs/event-store';
import { BatchAppendClient } from '../../../libs/event-store/src/wire/batch-append-client.js';
import { internalsOf } from '../../../libs/event-store/src/wire/client-internals.js';
import { TcpProxy } from '../../integration/support/tcp-proxy.js';
import { until } from '../../support/until.js';
import { collect, connectAroundTests, events, numbersOf, uniqueName } from './support.js';

const store = connectAroundTests();
const TIMEOUT_MS = 10_000;
const inAMinute = () => new Date(Date.now() + 60_000);

/** The service's implementation of BatchAppend must return the same results as the client's. */
describe('BatchAppendClient', () => {
  const appends = () => new BatchAppendClient(store.client);
  const append = (
    to: BatchAppendClient,
    stream: string,
    revision: bigint | undefined,
    what: readonly EventData[],
    timeoutMs = TIMEOUT_MS,
  ) => to.append({ stream, revision, events: what, deadline: inAMinute() }, timeoutMs);
  const stored = (stream: string) => collect(store.client.readStream(stream));

  it('appends after the given revision, and returns the new one', async () => {
    const stream = uniqueName('call');
    const call = appends();
    expect(await append(call, stream, undefined, events(3))).toBe(2n);
    expect(await append(call, stream, 2n, events(1))).toBe(3n);
    expect(numbersOf(await stored(stream))).toEqual([0, 1, 2, 0]);
  });

  it('stores the same bytes as the client', async () => {
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

  it('distinguishes a conflict from a repeated append', async () => {
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

  it('returns each of many concurrent appends its own response', async () => {
    const call = appends();
    const streams = Array.from({ length: 300 }, (_, n) => [uniqueName(`many-${n}`), (n % 3) + 1] as const);
    const revisions = await Promise.all(
      streams.map(([stream, count]) => append(call, stream, undefined, events(count))),
    );
    expect(revisions).toEqual(streams.map(([, count]) => BigInt(count - 1)));
  });

  it('rejects an event that is not JSON, and continues', async () => {
    const call = appends();
    const broken = jsonEvent({ type: 'Broken', data: { number: 1n as unknown as number } });
    await expect(append(call, uniqueName('broken'), undefined, [broken])).rejects.toThrow(TypeError);
    expect(await append(call, uniqueName('well'), undefined, events(1))).toBe(0n);
  });

  it("throws the server's reason for a rejected append", async () => {
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

  it('opens another call when a response is overdue, and returns the responses of the old one', async () => {
    const opened: Duplex[] = [];
    const ended: Duplex[] = [];
    const internals = internalsOf(store.client);
    const counting = Object.create(internals, {
      GRPCStreamCreator: {
        value:
          (...args: Parameters<typeof internals.GRPCStreamCreator>) =>
          async () => {
            const call = (await internals.GRPCStreamCreator(...args)()) as Duplex;
            opened.push(call);
            call.once('status', () => ended.push(call));
            return call;
          },
      },
    }) as EventStoreDBClient;
    const call = new BatchAppendClient(counting);
    expect(await append(call, uniqueName('first'), undefined, events(1))).toBe(0n);
    const others = Array.from({ length: 50 }, (_, n) =>
      append(call, uniqueName(`other-${n}`), undefined, events(20)),
    );
    await expect(append(call, uniqueName('overdue'), undefined, events(1), 0)).rejects.toThrow('no response');
    expect(await append(call, uniqueName('next'), undefined, events(1))).toBe(0n);
    expect(await Promise.all(others)).toEqual(others.map(() => 19n));
    expect(opened).toHaveLength(2);
    await until(() => ended.includes(opened[0]!), TIMEOUT_MS, 'the end of the old call');
    expect(ended).toHaveLength(1);
  });

  describe('with a server that is unreachable for a while', () => {
    it('throws after its timeout, ignores a late response, and is not affected by other connections', async () => {
      const url = new URL(store.url.replace('esdb:', 'http:'));
      const proxy = await TcpProxy.to(Number(url.port));
      const client = connectEventStore(store.url.replace(url.host, `127.0.0.1:${proxy.port}`));
      const far = new BatchAppendClient(client);
      const near = appends();
      const stream = uniqueName('far');
      try {
        expect(await append(far, stream, undefined, events(1))).toBe(0n);
        proxy.fallSilent();
        const what = events(1);
        await expect(append(far, stream, 0n, what, 100)).rejects.toThrow('no response within 100 ms');
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
        await closeEventStore(client);
        await proxy.close();
      }
    });
  });
});
