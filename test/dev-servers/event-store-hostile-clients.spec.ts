// Over 250 lines: one server, and everything that a client can do to it.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventStoreDBClient, jsonEvent, streamNameFilter } from '@eventstore/db-client';
import { streams, shared } from '../../libs/dev-servers/src/eventstore/grpc/stubs.js';
import { startEventStore } from '../../libs/dev-servers/src/eventstore/start.js';
import { untilClosed } from '../support/until-closed.js';
import { newDataDir, seeded } from './event-store-support.js';

let server: Awaited<ReturnType<typeof startEventStore>>;
let client: EventStoreDBClient;

beforeAll(async () => {
  server = await startEventStore({ dataDir: await newDataDir() });
  client = EventStoreDBClient.connectionString(server.addresses.url);
}, 20_000);

afterAll(async () => {
  await client?.dispose();
  await server?.stop();
}, 20_000);

const port = () => Number(new URL(server.addresses.url).port);
const MEGABYTE = 1024 * 1024;
const METHODS = ['Read', 'Append', 'BatchAppend', 'Delete', 'Tombstone'];

function residentBytes(): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(server.pid)], { encoding: 'utf8' })) * 1024;
}

/** The server still serves, and it is still the same process. */
async function expectService() {
  const { success } = await client.appendToStream('service', jsonEvent({ type: 'Tested', data: {} }));
  expect(success).toBe(true);
  expect(() => process.kill(server.pid, 0)).not.toThrow();
}

function session(): ClientHttp2Session {
  const made = connectHttp2(`http://127.0.0.1:${port()}`);
  made.on('error', () => undefined);
  return made;
}

function call(over: ClientHttp2Session, method: string): ClientHttp2Stream {
  const stream = over.request({
    ':method': 'POST',
    ':path': `/event_store.client.streams.Streams/${method}`,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => undefined);
  return stream;
}

/** A gRPC frame, which may lie about its length. */
function frame(message: Uint8Array, length = message.length): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(length, 1);
  return Buffer.concat([header, message]);
}

const randomBytes = (random: (limit: number) => number, length: number) =>
  Buffer.from(Array.from({ length }, () => random(256)));

/** Sends bytes to a method and half-closes; settles when the server has ended the call. */
async function ended(over: ClientHttp2Session, method: string, bytes: Buffer): Promise<void> {
  const stream = call(over, method);
  stream.resume();
  const closed = once(stream, 'close');
  stream.end(bytes);
  await closed;
}

describe('random bytes', () => {
  it('on a connection end that connection at most', async () => {
    const random = seeded(5);
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const socket: Socket = connect(port(), '127.0.0.1');
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        const noise = randomBytes(random, 200 + random(2_000));
        const closed = untilClosed(socket);
        socket.end(n % 2 ? Buffer.concat([preface, noise]) : noise);
        await closed;
      }),
    );
    await expectService();
  });

  it('in a message end that call', async () => {
    const random = seeded(6);
    const over = session();
    for (let round = 0; round < 60; round++) {
      await Promise.all(
        METHODS.map((method) => ended(over, method, frame(randomBytes(random, random(300))))),
      );
    }
    over.destroy();
    await expectService();
  });

  it('in the place of others in a good message end that call, or are taken for a request', async () => {
    const random = seeded(7);
    const over = session();
    for (let round = 0; round < 150; round++) {
      for (const [method, message] of Object.entries(goodRequests())) {
        const bytes = Buffer.from(message);
        for (let change = 0; change <= random(3); change++) bytes[random(bytes.length)] = random(256);
        const stream = call(over, method);
        stream.resume();
        stream.end(frame(bytes));
        // What became a subscription does not end by itself.
        await Promise.race([once(stream, 'close'), once(stream, 'response')]);
        stream.close();
      }
    }
    over.destroy();
    await expectService();
  }, 20_000);
});

describe('a message', () => {
  it.each([
    { that: 'claims 4 GiB', bytes: frame(Buffer.alloc(10), 0xffff_ffff) },
    { that: 'claims 18 MiB', bytes: frame(Buffer.alloc(10), 18 * MEGABYTE) },
    { that: 'claims 16 MiB and is short', bytes: frame(Buffer.alloc(10), 16 * MEGABYTE) },
    { that: 'is cut in its header', bytes: frame(Buffer.alloc(0)).subarray(0, 3) },
    { that: 'is empty', bytes: frame(Buffer.alloc(0)) },
    { that: 'is none', bytes: Buffer.alloc(0) },
    { that: 'claims to be compressed', bytes: Buffer.from([1, 0, 0, 0, 4, 1, 2, 3, 4]) },
  ])('that $that ends the call and costs no memory', async ({ bytes }) => {
    const before = residentBytes();
    const over = session();
    for (let round = 0; round < 20; round++) {
      await Promise.all(METHODS.map((method) => ended(over, method, bytes)));
    }
    over.destroy();
    expect(residentBytes() - before).toBeLessThan(100 * MEGABYTE);
    await expectService();
  });

  it('whose sender goes away in the middle leaves nothing behind', async () => {
    const before = residentBytes();
    for (let round = 0; round < 20; round++) {
      const over = session();
      const stream = call(over, 'BatchAppend');
      await new Promise((resolve) => stream.write(frame(Buffer.alloc(MEGABYTE), 16 * MEGABYTE), resolve));
      const closed = once(over, 'close');
      over.destroy();
      await closed;
    }
    expect(residentBytes() - before).toBeLessThan(100 * MEGABYTE);
    await expectService();
  });
});

describe('an append', () => {
  it('whose end does not come is answered with a timeout, after two seconds at most', async () => {
    const over = session();
    const stream = call(over, 'BatchAppend');
    stream.write(frame(unfinishedAppend(1).serializeBinary()));
    const [answer] = (await once(stream, 'data')) as [Buffer];
    over.destroy();
    const response = streams.BatchAppendResp.deserializeBinary(answer.subarray(5));
    expect(response.getCorrelationId()!.getString()).toBe(idOf(1));
    expect(response.getError()!.getDetails()!.getTypeName()).toBe('event_store.client.Timeout');
  });

  it('that is one of too many without an end is refused', async () => {
    const over = session();
    const stream = call(over, 'BatchAppend');
    for (let n = 0; n < 65; n++) stream.write(frame(unfinishedAppend(n).serializeBinary()));
    const [answer] = (await once(stream, 'data')) as [Buffer];
    over.destroy();
    const response = streams.BatchAppendResp.deserializeBinary(answer.subarray(5));
    expect(response.getCorrelationId()!.getString()).toBe(idOf(64));
    expect(response.getError()!.getMessage()).toBe('Server Is Busy');
  });
});

describe('a subscriber', () => {
  it('that does not read is no load, and none when it is gone', async () => {
    const batch = Array.from({ length: 500 }, () =>
      jsonEvent({ type: 'Tested', data: { text: 'x'.repeat(1_500) } }),
    );
    for (let n = 0; n < 20; n++) {
      const fresh = batch.map(({ type, data }) => jsonEvent({ type, data }));
      await client.appendToStream('long', fresh);
    }
    const before = residentBytes();
    const sessions = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const over = session();
        const stream = call(over, 'Read');
        stream.end(frame(subscriptionToAll().serializeBinary()));
        await once(stream, 'readable');
        return over;
      }),
    );
    await expectService();
    // 15 MB would wait for each of the forty.
    expect(residentBytes() - before).toBeLessThan(150 * MEGABYTE);
    await Promise.all(
      sessions.map(async (over) => {
        over.destroy();
        await once(over, 'close');
      }),
    );
    await expectService();
  }, 20_000);

  it('with a regular expression that backtracks without end does not stop the others', async () => {
    await client.appendToStream(`${'a'.repeat(60)}!`, jsonEvent({ type: 'Tested', data: {} }));
    const subscription = client.subscribeToAll({ filter: streamNameFilter({ regex: '^(a+)+$' }) });
    subscription.on('data', () => undefined);
    await once(subscription, 'caughtUp');
    await subscription.unsubscribe();
    await expectService();
  });
});

function idOf(n: number): string {
  return `11111111-1111-4111-8111-${String(n).padStart(12, '0')}`;
}

function unfinishedAppend(n: number): InstanceType<typeof streams.BatchAppendReq> {
  const options = new streams.BatchAppendReq.Options().setStreamIdentifier(identifier(`unfinished-${n}`));
  return new streams.BatchAppendReq()
    .setCorrelationId(new shared.UUID().setString(idOf(n)))
    .setOptions(options.setNoStream());
}

function identifier(stream: string) {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
}

function subscriptionToAll() {
  const options = new streams.ReadReq.Options()
    .setAll(new streams.ReadReq.Options.AllOptions().setStart(new shared.Empty()))
    .setSubscription(new streams.ReadReq.Options.SubscriptionOptions())
    .setNoFilter(new shared.Empty());
  return new streams.ReadReq().setOptions(options);
}

function goodRequests(): Record<string, Uint8Array> {
  const event = new streams.BatchAppendReq.ProposedMessage()
    .setId(new shared.UUID().setString(idOf(0)))
    .setData(Buffer.from('{}'));
  event.getMetadataMap().set('type', 'Fuzzed').set('content-type', 'application/json');
  const remove = new streams.DeleteReq.Options()
    .setStreamIdentifier(identifier('fuzz'))
    .setAny(new shared.Empty());
  return {
    Read: subscriptionToAll().serializeBinary(),
    BatchAppend: unfinishedAppend(0).setIsFinal(true).setProposedMessagesList([event]).serializeBinary(),
    Delete: new streams.DeleteReq().setOptions(remove).serializeBinary(),
  };
}
