// Over 250 lines: all attacks of a client on one server.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreDBClient, jsonEvent, streamNameFilter } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeEventStore } from '#libs/event-store';
import { shared, streams } from '../../../libs/dev-servers/src/eventstore/protocol/stubs.js';
import { startEventStore } from '../../../libs/dev-servers/src/start-servers.js';
import { SeededRandom } from '../../support/seeded-random.js';
import { untilClosed } from '../../support/until-closed.js';
import { newDataDir } from './event-store-fixtures.js';
import { frame, openSession, startCall } from './raw-grpc.js';

let server: Awaited<ReturnType<typeof startEventStore>>;
let client: EventStoreDBClient;

beforeAll(async () => {
  server = await startEventStore({ dataDir: await newDataDir() });
  client = EventStoreDBClient.connectionString(server.addresses.url);
}, 20_000);

afterAll(async () => {
  if (client !== undefined) await closeEventStore(client);
  await server?.stop();
}, 20_000);

const port = () => Number(new URL(server.addresses.url).port);
const MEGABYTE = 1024 * 1024;
const METHODS = ['Read', 'Append', 'BatchAppend', 'Delete', 'Tombstone'];

function residentBytes(): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(server.pid)], { encoding: 'utf8' })) * 1024;
}

/** Expects that the same server process still accepts appends. */
async function expectServing() {
  const { success } = await client.appendToStream('service', jsonEvent({ type: 'Tested', data: {} }));
  expect(success).toBe(true);
  expect(() => process.kill(server.pid, 0)).not.toThrow();
}

const randomBytes = (random: SeededRandom, length: number) =>
  Buffer.from(Array.from({ length }, () => random.below(256)));

/** Sends bytes to a method and half-closes; settles when the server has ended the call. */
async function callEnded(session: ClientHttp2Session, method: string, bytes: Buffer): Promise<void> {
  const stream = startCall(session, method);
  stream.resume();
  const closed = once(stream, 'close');
  stream.end(bytes);
  // As on the real server, a half-closed BatchAppend call without an append does not end.
  if (method === 'BatchAppend') {
    await Promise.race([closed, pause(20)]);
    stream.close();
  }
  await closed;
}

describe('event store server with random bytes', () => {
  it('closes at most the connection that sends random bytes', async () => {
    const random = new SeededRandom(5);
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const socket: Socket = connect(port(), '127.0.0.1');
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        const noise = randomBytes(random, 200 + random.below(2_000));
        const closed = untilClosed(socket);
        socket.end(n % 2 ? Buffer.concat([preface, noise]) : noise);
        await closed;
      }),
    );
    await expectServing();
  });

  it('ends the call whose message is random bytes', async () => {
    const random = new SeededRandom(6);
    const session = openSession(server.addresses.url);
    for (let round = 0; round < 60; round++) {
      await Promise.all(
        METHODS.map((method) => callEnded(session, method, frame(randomBytes(random, random.below(300))))),
      );
    }
    session.destroy();
    await expectServing();
  });

  it('ends the call, or handles it as a request, when random bytes replace parts of a valid message', async () => {
    const random = new SeededRandom(7);
    const session = openSession(server.addresses.url);
    for (let round = 0; round < 150; round++) {
      for (const [method, message] of Object.entries(validRequests())) {
        const bytes = Buffer.from(message);
        for (let change = 0; change <= random.below(3); change++)
          bytes[random.below(bytes.length)] = random.below(256);
        const stream = startCall(session, method);
        stream.resume();
        stream.end(frame(bytes));
        // Neither a subscription nor a BatchAppend call without an append ends by itself.
        await Promise.race([once(stream, 'close'), once(stream, 'response'), pause(20)]);
        stream.close();
      }
    }
    session.destroy();
    await expectServing();
  }, 20_000);
});

describe('event store server with malformed messages', () => {
  it.each([
    { that: 'claims 4 GiB', bytes: frame(Buffer.alloc(10), 0xffff_ffff) },
    { that: 'claims 18 MiB', bytes: frame(Buffer.alloc(10), 18 * MEGABYTE) },
    { that: 'claims 16 MiB and is shorter', bytes: frame(Buffer.alloc(10), 16 * MEGABYTE) },
    { that: 'is truncated in its header', bytes: frame(Buffer.alloc(0)).subarray(0, 3) },
    { that: 'is empty', bytes: frame(Buffer.alloc(0)) },
    { that: 'is missing', bytes: Buffer.alloc(0) },
    { that: 'claims to be compressed', bytes: Buffer.from([1, 0, 0, 0, 4, 1, 2, 3, 4]) },
  ])('ends the call, without allocating memory, for a message that $that', async ({ bytes }) => {
    const before = residentBytes();
    const session = openSession(server.addresses.url);
    for (let round = 0; round < 20; round++) {
      await Promise.all(METHODS.map((method) => callEnded(session, method, bytes)));
    }
    session.destroy();
    expect(residentBytes() - before).toBeLessThan(100 * MEGABYTE);
    await expectServing();
  });

  it('frees the memory of a message whose sender disconnects in the middle', async () => {
    const before = residentBytes();
    for (let round = 0; round < 20; round++) {
      const session = openSession(server.addresses.url);
      const stream = startCall(session, 'BatchAppend');
      await new Promise((resolve) => stream.write(frame(Buffer.alloc(MEGABYTE), 16 * MEGABYTE), resolve));
      const closed = once(session, 'close');
      session.destroy();
      await closed;
    }
    expect(residentBytes() - before).toBeLessThan(100 * MEGABYTE);
    await expectServing();
  });
});

describe('BatchAppend', () => {
  it('responds with a timeout within two seconds to an append without a final message', async () => {
    const session = openSession(server.addresses.url);
    const stream = startCall(session, 'BatchAppend');
    stream.write(frame(unfinishedAppend(1).serializeBinary()));
    const [frameBytes] = (await once(stream, 'data')) as [Buffer];
    session.destroy();
    const response = streams.BatchAppendResp.deserializeBinary(frameBytes.subarray(5));
    expect(response.getCorrelationId()!.getString()).toBe(idOf(1));
    expect(response.getError()!.getDetails()!.getTypeName()).toBe('event_store.client.Timeout');
  });

  it('rejects an append when too many others are incomplete', async () => {
    const session = openSession(server.addresses.url);
    const stream = startCall(session, 'BatchAppend');
    for (let n = 0; n < 65; n++) stream.write(frame(unfinishedAppend(n).serializeBinary()));
    const [frameBytes] = (await once(stream, 'data')) as [Buffer];
    session.destroy();
    const response = streams.BatchAppendResp.deserializeBinary(frameBytes.subarray(5));
    expect(response.getCorrelationId()!.getString()).toBe(idOf(64));
    expect(response.getError()!.getMessage()).toBe('Server Is Busy');
  });
});

describe('event store subscription', () => {
  it('uses little memory for subscribers that do not read', async () => {
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
        const session = openSession(server.addresses.url);
        const stream = startCall(session, 'Read');
        stream.end(frame(subscriptionToAll().serializeBinary()));
        await once(stream, 'readable');
        return session;
      }),
    );
    await expectServing();
    // Without back-pressure, the server would buffer 15 MB for each of the forty.
    expect(residentBytes() - before).toBeLessThan(150 * MEGABYTE);
    await Promise.all(
      sessions.map(async (session) => {
        session.destroy();
        await once(session, 'close');
      }),
    );
    await expectServing();
  }, 20_000);

  it('does not block other clients with a regular expression that backtracks excessively', async () => {
    await client.appendToStream(`${'a'.repeat(60)}!`, jsonEvent({ type: 'Tested', data: {} }));
    const subscription = client.subscribeToAll({ filter: streamNameFilter({ regex: '^(a+)+$' }) });
    subscription.on('data', () => undefined);
    await once(subscription, 'caughtUp');
    await subscription.unsubscribe();
    await expectServing();
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

function validRequests(): Record<string, Uint8Array> {
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
