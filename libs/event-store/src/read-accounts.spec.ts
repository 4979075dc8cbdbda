import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { eventAt, FakeEventStore, type ReadCall } from '../../../test/support/fake-event-store.js';
import { subscribeToAccounts } from './read-accounts.js';
import { connectEventStore } from './connection/connection.js';
import { closeEventStore } from './wire/response-timeout.js';
import { SLICES } from './events/raw-event.js';
import type { EventStoreDBClient } from '@eventstore/db-client';

const SLOW_LIVE =
  'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.';
const SLOW_IN_TRANSITION =
  'Operation timed out: Consumer too slow to handle event while transitioning to live. Client resubscription required.';

/** How a subscription ends after its events. */
type End = 'quietly' | 'never' | { readonly code: number; readonly details: string };

/** A server whose log has 20 events, and which ends each subscription as the test says. */
class EndingServer extends FakeEventStore {
  /** For each subscription: how many events it gives, and how it ends. */
  readonly script: { events: number; end: End }[] = [];
  /** The commit positions behind which clients have subscribed. */
  readonly asked: number[] = [];

  constructor() {
    super({ read: (call) => this.read(call) });
  }

  private read(call: ReadCall): void {
    const after = Number(call.request.getOptions()!.getAll()!.getPosition()?.getCommitPosition() ?? 0);
    this.asked.push(after);
    const { events, end } = this.script.shift() ?? { events: 0, end: 'quietly' as const };
    for (let position = after + 1; position <= after + events; position += 1) call.write(eventAt(position));
    if (end === 'never') return;
    if (end === 'quietly') call.end();
    else call.emit('error', end);
  }
}

describe('subscribeToAccounts', () => {
  const server = new EndingServer();
  let client: EventStoreDBClient;
  let closing: AbortController;
  let continued: number;

  beforeAll(async () => {
    client = connectEventStore(await server.start());
  });
  beforeEach(() => {
    server.script.length = 0;
    server.asked.length = 0;
    closing = new AbortController();
    continued = 0;
  });
  afterAll(async () => {
    await closeEventStore(client);
    server.stop();
  });

  /** Reads until so many events have come. */
  async function read(
    count: number,
    atWork: (events: number) => Promise<void> = async () => undefined,
  ): Promise<number[]> {
    const positions: number[] = [];
    const slices = Array.from({ length: SLICES }, (_, slice) => slice);
    const log = subscribeToAccounts(client, slices, undefined, closing.signal, () => (continued += 1));
    for await (const events of log) {
      positions.push(...events.map(({ position }) => Number(position.commit)));
      await atWork(positions.length);
      if (positions.length >= count) closing.abort();
    }
    return positions;
  }

  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

  it.each<[string, End]>([
    ['as too slow while live', { code: status.ABORTED, details: SLOW_LIVE }],
    ['as too slow while transitioning to live', { code: status.ABORTED, details: SLOW_IN_TRANSITION }],
    ['without an error', 'quietly'],
    ['by a connection that breaks', { code: status.UNAVAILABLE, details: 'connection lost' }],
  ])('continues behind the last event when a subscription ends %s', async (_how, end) => {
    server.script.push({ events: 7, end }, { events: 1, end }, { events: 5, end: 'never' });
    expect(await read(13)).toEqual(upTo(13));
    expect(server.asked).toEqual([0, 7, 8]);
    expect(continued).toBe(2);
  });

  it('keeps an end that comes while the consumer is at work until all that came before is read', async () => {
    const end = { code: status.ABORTED, details: SLOW_LIVE };
    server.script.push({ events: 7, end }, { events: 3, end: 'never' });
    const busy = () => new Promise<void>((resolve) => setTimeout(resolve, 30));
    expect(await read(10, busy)).toEqual(upTo(10));
    expect(server.asked).toEqual([0, 7]);
  });

  it('throws the error of a subscription that gave no event', async () => {
    const end = { code: status.ABORTED, details: SLOW_LIVE };
    server.script.push({ events: 3, end }, { events: 0, end });
    await expect(read(20)).rejects.toThrow('Consumer too slow');
    expect(server.asked).toEqual([0, 3]);
  });

  it('returns when a subscription that gave no event ends without an error', async () => {
    server.script.push({ events: 3, end: 'quietly' }, { events: 0, end: 'quietly' });
    expect(await read(20)).toEqual(upTo(3));
    expect(server.asked).toEqual([0, 3]);
  });

  it('does not subscribe again after its signal has aborted', async () => {
    server.script.push({ events: 3, end: 'never' });
    expect(await read(3)).toEqual(upTo(3));
    expect(server.asked).toEqual([0]);
    expect(continued).toBe(0);
  });
});
