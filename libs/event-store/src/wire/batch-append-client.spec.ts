import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jsonEvent, type EventStoreDBClient } from '@eventstore/db-client';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { FakeEventStore, type AppendCall } from '../../../../test/support/fake-event-store.js';
import { until } from '../../../../test/support/until.js';
import { BatchAppendClient } from './batch-append-client.js';
import { connectEventStore } from '../connection/connection.js';
import { closeEventStore } from './response-timeout.js';

/** One call as the server sees it. */
interface SeenCall {
  readonly call: AppendCall;
  readonly streams: string[];
  isHalfClosed: boolean;
  isCancelled: boolean;
  answer(stream: string): void;
}

/** A server that answers an append when the test says so. */
class HoldingServer extends FakeEventStore {
  readonly calls: SeenCall[] = [];

  constructor() {
    super({ batchAppend: (call) => this.hold(call) });
  }

  private hold(call: AppendCall): void {
    const requests = new Map<string, streams.BatchAppendReq>();
    const seen: SeenCall = {
      call,
      streams: [],
      isHalfClosed: false,
      isCancelled: false,
      answer(stream) {
        const success = new streams.BatchAppendResp.Success().setCurrentRevision('0');
        const id = requests.get(stream)!.getCorrelationId()!;
        call.write(new streams.BatchAppendResp().setCorrelationId(id).setSuccess(success));
      },
    };
    this.calls.push(seen);
    call.on('data', (request: streams.BatchAppendReq) => {
      const name = Buffer.from(request.getOptions()!.getStreamIdentifier()!.getStreamName_asU8()).toString();
      requests.set(name, request);
      seen.streams.push(name);
    });
    call.on('end', () => (seen.isHalfClosed = true));
    call.on('cancelled', () => (seen.isCancelled = true));
    call.on('error', () => undefined);
  }
}

describe('BatchAppendClient', () => {
  let server: HoldingServer;
  let client: EventStoreDBClient;
  let appends: BatchAppendClient;

  beforeEach(async () => {
    server = new HoldingServer();
    client = connectEventStore(await server.start());
    appends = new BatchAppendClient(client);
  });
  afterEach(async () => {
    server.stop();
    await closeEventStore(client);
  });

  /** Its end as text: the revision, or the message of the error. */
  const append = (stream: string, timeoutMs = 10_000): Promise<string> => {
    const events = [jsonEvent({ type: 'Tested', data: {} })];
    const deadline = new Date(Date.now() + 60_000);
    return appends
      .append({ stream, revision: undefined, events, deadline }, timeoutMs)
      .then(String, (error: Error) => error.message);
  };
  const arrived = (call: number, stream: string) =>
    until(() => server.calls[call]?.streams.includes(stream) === true, 5_000, `${stream} at the server`);

  it('keeps a call with an overdue response open for other responses, and sends new appends in another call', async () => {
    const other = append('other');
    await arrived(0, 'other');
    expect(await append('overdue', 50)).toBe('no response within 50 ms');
    await arrived(0, 'overdue');
    const next = append('next');
    await arrived(1, 'next');
    server.calls[1]!.answer('next');
    expect(await next).toBe('0');
    const [first] = server.calls;
    expect(first).toMatchObject({ streams: ['other', 'overdue'], isHalfClosed: false, isCancelled: false });
    first!.answer('other');
    expect(await other).toBe('0');
  });

  it('cancels the call once all of its appends have responses', async () => {
    const other = append('other');
    await arrived(0, 'other');
    await append('overdue', 50);
    server.calls[0]!.answer('other');
    expect(await other).toBe('0');
    await until(() => server.calls[0]!.isCancelled, 5_000, 'the call to be cancelled');
  });

  it('cancels the call once all of its appends have responses or timed out', async () => {
    const last = append('last', 2_000);
    const wasCancelled = last.then(() => server.calls[0]!.isCancelled);
    await arrived(0, 'last');
    expect(await Promise.all([append('a', 50), append('b', 100)])).toEqual([
      'no response within 50 ms',
      'no response within 100 ms',
    ]);
    expect(await last).toBe('no response within 2000 ms');
    expect(await wasCancelled).toBe(false);
    await until(() => server.calls[0]!.isCancelled, 5_000, 'the call to be cancelled');
  });

  it('does not fail an append that starts while a call is being cancelled', async () => {
    await arrivedOnFirst();
    for (let n = 0; n < 20; n += 1) {
      const [overdue, next] = [append(`overdue-${n}`, 1), append(`next-${n}`)];
      await overdue;
      const call = () => server.calls.findLastIndex(({ streams }) => streams.includes(`next-${n}`));
      await until(() => call() !== -1, 5_000, 'the next append at the server');
      server.calls[call()]!.answer(`next-${n}`);
      expect(await next).toBe('0');
    }
  });

  async function arrivedOnFirst(): Promise<void> {
    const first = append('first');
    await arrived(0, 'first');
    server.calls[0]!.answer('first');
    await first;
  }

  it('keeps a call whose responses arrive in time', async () => {
    for (const stream of ['a', 'b', 'c']) {
      const end = append(stream);
      await arrived(0, stream);
      server.calls[0]!.answer(stream);
      expect(await end).toBe('0');
    }
    expect(server.calls).toHaveLength(1);
    expect(server.calls[0]!.isCancelled).toBe(false);
  });
});
