import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  binaryEvent,
  jsonEvent,
  START,
  UnavailableError,
  type AllStreamRecordedEvent,
  type EventData,
} from '@eventstore/db-client';
import {
  closeEventStore,
  connectEventStore,
  STREAM_PREFIX,
  streamOf,
  type RawEvent,
} from '#libs/event-store';
import type { LogEntry, ReadRequest } from '../../../libs/event-store/src/wire/read-codec.js';
import { callRead } from '../../../libs/event-store/src/wire/read-call.js';
import { TcpProxy } from '../../integration/support/tcp-proxy.js';
import { until } from '../../support/until.js';
import { connectAroundTests, events, uniqueName } from './support.js';

const store = connectAroundTests();
const PATIENCE_MS = 10_000;

/** The service's implementation of reading $all must return the same events as the client. */
describe('callRead', () => {
  const entriesOf = async (request: ReadRequest): Promise<LogEntry[]> => {
    const all: LogEntry[] = [];
    for await (const chunk of callRead(store.client, request, new AbortController().signal)) {
      expect(chunk.length).toBeGreaterThan(0);
      all.push(...chunk);
    }
    return all.filter(({ position }) => position !== undefined);
  };
  const append = (stream: string, what: EventData | EventData[]) => store.client.appendToStream(stream, what);

  it('yields the same events as the client', async () => {
    const [account, other] = [streamOf(uniqueName('account')), uniqueName('no-account')];
    const data = { text: 'é\u0000\u2028" دعوة 👋', nested: [1, null, { a: true }] };
    const metadata = { commandId: 'c', $correlationId: 'دعوة', traceparent: 'x'.repeat(300) };
    await append(account, [
      jsonEvent({ id: randomUUID(), type: 'Größe 📏', data, metadata }),
      jsonEvent({ id: randomUUID(), type: 'WithoutMetadata', data: {} }),
      jsonEvent({ id: randomUUID(), type: 'Long', data: { text: 'دعوة'.repeat(2_500) } }),
      binaryEvent({
        id: randomUUID(),
        type: 'Bytes',
        data: Buffer.from([0, 255]),
        metadata: new Uint8Array([1]),
      }),
      binaryEvent({ id: randomUUID(), type: 'NoBytes', data: new Uint8Array() }),
    ]);
    const { position: last } = await append(other, events(1));
    // Others may append during this read, so only earlier events are compared.
    const theirs: AllStreamRecordedEvent[] = [];
    for await (const { event } of store.client.readAll({ fromPosition: START }))
      if (event !== undefined && event.position.commit <= last!.commit) theirs.push(event);
    const ours = (await entriesOf({ after: undefined })).filter(
      ({ position }) => position!.commit <= last!.commit,
    );
    const plain = (value: unknown) =>
      value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('hex') } : value;
    const told = (read: readonly (AllStreamRecordedEvent | RawEvent | undefined)[]) =>
      read
        .filter((event) => event?.streamId === account)
        .map((event) => {
          const { id, type, revision, created, position, data, metadata } = event!;
          return { id, type, revision, created, position, data: plain(data), metadata: plain(metadata) };
        });
    const mine = ours.map(({ event }) => event);
    expect(told(mine)).toEqual(told(theirs));
    expect(told(mine)).toHaveLength(5);
    const { accountId, slice } = mine.find((event) => event?.streamId === account)!;
    expect([streamOf(accountId), slice]).toEqual([account, Number.parseInt(account.split('-')[1]!, 16)]);
    expect(ours.map(({ position }) => position)).toEqual(theirs.map(({ position }) => position));
    // Of events outside account streams, only the position is returned.
    expect(ours.at(-1)!.event).toBeUndefined();
  });

  it('starts with the event at the given position', async () => {
    await append(streamOf(uniqueName('account')), events(3));
    const all = await entriesOf({ after: undefined });
    const after = all.at(-2)!.position!;
    const positions = (await entriesOf({ after })).map(({ position }) => position);
    // Others may have appended since.
    expect(positions.slice(0, 2)).toEqual([after, all.at(-1)!.position]);
  });

  it('follows new events of the requested streams after a position until it is aborted', async () => {
    const [one, two] = [streamOf(uniqueName('one')), streamOf(uniqueName('two'))];
    const { position } = await append(one, events(1));
    const ending = new AbortController();
    const got: string[] = [];
    const request = { after: position!, prefixes: [one, two] };
    const reading = (async () => {
      for await (const chunk of callRead(store.client, request, ending.signal))
        got.push(...chunk.flatMap(({ event }) => (event === undefined ? [] : [event.streamId])));
    })();
    await append(two, events(2));
    await append(uniqueName('another'), events(2));
    await until(async () => got.length === 2, PATIENCE_MS, 'the first two');
    await append(one, events(1));
    await until(async () => got.length === 3, PATIENCE_MS, 'the third');
    ending.abort();
    await reading;
    expect(got).toEqual([two, two, one]);
  });

  it('yields a long log without loss to a slow consumer', async () => {
    const stream = streamOf(uniqueName('long'));
    for (let n = 0; n < 6; n += 1) await append(stream, events(1_000));
    let revisions = 0n;
    for await (const chunk of callRead(store.client, { after: undefined }, new AbortController().signal)) {
      for (const { event } of chunk) {
        if (event?.streamId !== stream) continue;
        expect(event.revision).toBe(revisions);
        revisions += 1n;
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(revisions).toBe(6_000n);
  });

  it('ends when the consumer stops, after which the client can be closed', async () => {
    const client = connectEventStore(store.url);
    for await (const chunk of callRead(client, { after: undefined }, new AbortController().signal)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await closeEventStore(client);
  });

  it('throws when the connection breaks', async () => {
    const proxy = await TcpProxy.to(Number(new URL(store.url.replace('esdb:', 'http:')).port));
    const client = connectEventStore(`esdb://127.0.0.1:${proxy.port}?tls=false`);
    try {
      const chunks = callRead(
        client,
        { after: undefined, prefixes: [STREAM_PREFIX] },
        new AbortController().signal,
      );
      await chunks.next();
      proxy.shut();
      const rest = (async () => {
        for await (const _ of chunks);
      })();
      await expect(rest).rejects.toBeInstanceOf(UnavailableError);
    } finally {
      await closeEventStore(client);
      await proxy.close();
    }
  });
});
