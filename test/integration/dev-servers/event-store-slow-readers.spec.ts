import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { binaryEvent, EventStoreDBClient } from '@eventstore/db-client';
import { closeEventStore } from '#libs/event-store';
import { shared, streams } from '../../../libs/dev-servers/src/eventstore/protocol/stubs.js';
import { startEventStore } from '../../../libs/dev-servers/src/start-servers.js';
import { until } from '../../support/until.js';
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

const append = (stream: string, count: number) =>
  client.appendToStream(
    stream,
    Array.from({ length: count }, () => binaryEvent({ type: 'Tested', data: new Uint8Array(20_000) })),
  );

/** A subscription on its own connection, which takes 64 KiB and then nothing until `call.resume()`. */
function subscribeUnread(name: string) {
  const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(name));
  const options = new streams.ReadReq.Options()
    .setStream(
      new streams.ReadReq.Options.StreamOptions()
        .setStreamIdentifier(identifier)
        .setStart(new shared.Empty()),
    )
    .setSubscription(new streams.ReadReq.Options.SubscriptionOptions())
    .setNoFilter(new shared.Empty());
  const message = new streams.ReadReq().setOptions(options).serializeBinary();
  const session = openSession(server.addresses.url);
  const call = startCall(session, 'Read');
  call.end(frame(message));
  return { call, session };
}

describe('event store subscription', () => {
  it('ends as too slow when its client reads nothing while it transitions to live', async () => {
    await append('transition', 25);
    const { call, session } = subscribeUnread('transition');
    await once(call, 'response');
    for (let n = 0; n < 5; n++) await append('transition', 40);
    await pause(300);
    const ended = once(call, 'trailers') as Promise<[IncomingHttpHeaders]>;
    call.resume();
    const [trailers] = await ended;
    session.destroy();
    expect(trailers['grpc-status']).toBe('10');
    expect(decodeURIComponent(String(trailers['grpc-message']))).toBe(
      'Operation timed out: Consumer too slow to handle event while transitioning to live. ' +
        'Client resubscription required.',
    );
  });

  it('waits for a client that reads nothing while it catches up', async () => {
    for (let n = 0; n < 5; n++) await append('history', 40);
    const { call, session } = subscribeUnread('history');
    await once(call, 'response');
    for (let n = 0; n < 5; n++) await append('history', 40);
    await pause(300);
    let bytes = 0;
    call.on('data', (chunk: Buffer) => (bytes += chunk.length));
    await until(() => bytes > 400 * 20_000, 10_000, 'all events');
    expect(call.closed).toBe(false);
    session.destroy();
  });
});
