import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { StreamNotFoundError, type EventStoreDBClient } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { connectEventStore } from './connection/connection.js';
import { closeEventStore, EventStoreUnavailableError } from './wire/response-timeout.js';
import { readLogTail, readAll, readStream } from './read-streams.js';
import { eventAt, FakeEventStore, type ReadCall } from '../../../test/support/fake-event-store.js';

type Options = NonNullable<ReturnType<streams.ReadReq['getOptions']>>;

const LOG_LENGTH = 5;

/** A server whose log has five events, all in one account's stream. */
class ShortLog extends FakeEventStore {
  readonly requests: Options[] = [];
  isSilent = false;

  constructor() {
    super({ read: (call) => this.read(call) });
  }

  private read(call: ReadCall): void {
    const options = call.request.getOptions()!;
    this.requests.push(options);
    if (this.isSilent) return;
    const name = options.getStream()?.getStreamIdentifier()?.getStreamName_asU8();
    if (name !== undefined && !Buffer.from(name).toString().startsWith('account-')) {
      const stream = new shared.StreamIdentifier().setStreamName(Buffer.from(name).toString('base64'));
      const notFound = new streams.ReadResp.StreamNotFound().setStreamIdentifier(stream);
      call.write(new streams.ReadResp().setStreamNotFound(notFound));
      return void call.end();
    }
    const positions = Array.from({ length: LOG_LENGTH }, (_, index) => index + 1);
    if (options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS) positions.reverse();
    for (const position of positions.slice(0, Number(options.getCount()))) call.write(eventAt(position));
    call.end();
  }
}

const server = new ShortLog();
let client: EventStoreDBClient;

beforeAll(async () => {
  client = connectEventStore(await server.start());
});
beforeEach(() => {
  server.isSilent = false;
  server.requests.length = 0;
});
afterAll(async () => {
  await closeEventStore(client);
  server.stop();
});

async function flatten<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

describe('readAll', () => {
  const positionsOf = async (options: Parameters<typeof readAll>[1]) =>
    (await flatten(readAll(client, options))).map(({ position }) => Number(position.commit));

  it('reads forwards from the start', async () => {
    expect(await positionsOf({ after: undefined })).toEqual([1, 2, 3, 4, 5]);
    expect(server.requests[0]!.getAll()!.hasStart()).toBe(true);
  });

  it('reads backwards from the end, up to a number of events', async () => {
    expect(await positionsOf({ after: undefined, direction: 'backwards', maxCount: 2 })).toEqual([5, 4]);
    expect(server.requests[0]!.getAll()!.hasEnd()).toBe(true);
  });

  it('throws when the server sends nothing within the timeout', async () => {
    server.isSilent = true;
    const read = positionsOf({ after: undefined, timeoutMs: 50 });
    await expect(read).rejects.toThrow('no response to a read within 50 ms');
    await expect(read).rejects.toBeInstanceOf(EventStoreUnavailableError);
  });

  it('throws when the signal aborts', async () => {
    server.isSilent = true;
    const read = positionsOf({ after: undefined, signal: AbortSignal.timeout(50) });
    await expect(read).rejects.toThrow('the event store does not respond');
  });
});

describe('readStream', () => {
  it('reads the events of a stream', async () => {
    const events = await flatten(readStream(client, 'account-00-anna'));
    expect(events.map(({ revision }) => revision)).toEqual([0n, 1n, 2n, 3n, 4n]);
  });

  it("throws the client's error for a stream that does not exist", async () => {
    await expect(flatten(readStream(client, 'other'))).rejects.toBeInstanceOf(StreamNotFoundError);
  });

  it('throws when the server sends nothing within the timeout', async () => {
    server.isSilent = true;
    const read = flatten(readStream(client, 'account-00-anna', { timeoutMs: 50 }));
    await expect(read).rejects.toThrow('no response to a read within 50 ms');
  });
});

describe('readLogTail', () => {
  const tail = (after: bigint | undefined) =>
    readLogTail(
      client,
      [0],
      after === undefined ? undefined : { commit: after, prepare: after },
      AbortSignal.timeout(10_000),
    );

  it('reads one event if it is not newer than the position', async () => {
    expect(await tail(5n)).toEqual({
      head: { commit: 5n, prepare: 5n },
      oldestEvent: undefined,
      eventCount: 0,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('finds the oldest event of the slices after a position', async () => {
    const { oldestEvent, eventCount } = await tail(2n);
    expect([oldestEvent?.position.commit, eventCount]).toEqual([3n, 3]);
  });
});
