import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStoreDBClient, JSONRecordedEvent } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import {
  AccountNotOfStreamError,
  closeEventStore,
  StreamTombstonedError,
  AccountRepository,
  ConcurrencyError,
  connectEventStore,
  EventStoreUnavailableError,
  decodeInvitationEvent,
  readStream,
  streamOf,
} from '#libs/event-store';
import { initialState, type InvitationEvent } from '#libs/invitation';
import { openTestEventStore } from '../support/event-store.js';
import { until } from '../support/until.js';
import { accepted, declinedBy, id, ignored, sent } from '../support/story.js';
import { TcpProxy } from './support/tcp-proxy.js';

const PATIENCE = { timeoutMs: 400, attempts: 3 };

let server: Awaited<ReturnType<typeof openTestEventStore>>;
let client: EventStoreDBClient;
let repository: AccountRepository;

beforeAll(async () => {
  server = await openTestEventStore();
  client = connectEventStore(server.url);
  repository = new AccountRepository(client);
});

afterAll(async () => {
  await closeEventStore(client);
  await server.stop();
});

const newAccount = () => `test-${randomUUID()}`;

async function stored(account: string): Promise<InvitationEvent[]> {
  const events: InvitationEvent[] = [];
  for await (const { event } of client.readStream(streamOf(account))) {
    events.push(decodeInvitationEvent(event as JSONRecordedEvent));
  }
  return events;
}

describe('AccountRepository', () => {
  it('reads an account without events as open and without a revision', async () => {
    expect(await repository.read(newAccount())).toEqual({ account: initialState(), revision: undefined });
  });

  it('folds the appended events', async () => {
    const account = newAccount();
    expect(await repository.append(account, undefined, [sent(1), ignored(2)])).toBe(1n);
    expect(await repository.append(account, 1n, [accepted(3)])).toBe(2n);
    const { account: state, revision } = await repository.read(account);
    expect(revision).toBe(2n);
    expect([...state.invitations.values()]).toEqual([{ status: 'accepted', recipientId: 'bilal' }]);
    expect([...state.processedCommandIds]).toEqual([id(1), id(2), id(3)]);
    expect(await stored(account)).toEqual([sent(1), ignored(2), accepted(3)]);
  });

  it('reads on from a known revision', async () => {
    const account = newAccount();
    const before = await repository.read(account);
    await repository.append(account, undefined, [sent(1)]);
    const after = await repository.readFrom(account, before);
    expect(after).toEqual(await repository.read(account));
    expect(await repository.readFrom(account, after)).toEqual({ ...after, revision: 0n });
    await repository.append(account, 0n, [accepted(2)]);
    expect((await repository.readFrom(account, after)).revision).toBe(1n);
  });

  it('throws ConcurrencyError after an append of another writer, and appends nothing', async () => {
    const account = newAccount();
    await repository.append(account, undefined, [sent(1)]);
    await expect(repository.append(account, undefined, [sent(2)])).rejects.toBeInstanceOf(ConcurrencyError);
    await expect(repository.append(account, 5n, [sent(2)])).rejects.toBeInstanceOf(ConcurrencyError);
    await repository.append(account, 0n, [accepted(2)]);
    await expect(repository.append(account, 0n, [ignored(3)])).rejects.toBeInstanceOf(ConcurrencyError);
    expect(await stored(account)).toEqual([sent(1), accepted(2)]);
  });

  it('treats a repeated append as the same one, also after later events', async () => {
    const account = newAccount();
    const events = [sent(1), ...declinedBy('chiara', 2)];
    expect(await repository.append(account, undefined, events)).toBe(3n);
    expect(await repository.append(account, undefined, events)).toBe(3n);
    await repository.append(account, 3n, [accepted(9)]);
    expect(await repository.append(account, undefined, events)).toBe(3n);
    expect(await stored(account)).toEqual([...events, accepted(9)]);
  });

  it('throws for a tombstoned stream, and reads no more than is left of a deleted one', async () => {
    const [gone, emptied] = [newAccount(), newAccount()];
    for (const account of [gone, emptied]) await repository.append(account, undefined, [sent(1)]);
    await client.tombstoneStream(streamOf(gone));
    await expect(repository.read(gone)).rejects.toBeInstanceOf(StreamTombstonedError);
    await expect(repository.append(gone, 0n, [accepted(2)])).rejects.toBeInstanceOf(StreamTombstonedError);
    await client.deleteStream(streamOf(emptied));
    expect(await repository.read(emptied)).toEqual({ account: initialState(), revision: undefined });
    expect(await repository.append(emptied, undefined, [sent(2)])).toBe(1n);
    expect((await repository.read(emptied)).revision).toBe(1n);
  });

  it('reads on from a known event, and throws if the stream does not have it', async () => {
    const account = newAccount();
    await repository.append(account, undefined, [sent(1), ignored(2)]);
    const { eventId } = repository.lastAppended!;
    await repository.append(account, 1n, [accepted(3)]);
    const from = (revision: bigint, id: string) =>
      repository.readFrom(account, { account: initialState(), revision, eventId: id });
    const { account: state, revision } = await from(1n, eventId);
    expect([revision, [...state.processedCommandIds]]).toEqual([2n, [id(3)]]);
    for (const [at, id] of [
      [1n, randomUUID()],
      [2n, eventId],
      [7n, eventId],
    ] as const)
      await expect(from(at, id)).rejects.toBeInstanceOf(AccountNotOfStreamError);
    await client.deleteStream(streamOf(account));
    await expect(from(1n, eventId)).rejects.toBeInstanceOf(AccountNotOfStreamError);
    const absent = { account: initialState(), revision: 0n, eventId };
    await expect(repository.readFrom(newAccount(), absent)).rejects.toBeInstanceOf(AccountNotOfStreamError);
  });

  it('tells whether an event is in its stream, and cannot tell after a truncation', async () => {
    const account = newAccount();
    const ask = (revision: bigint, eventId: string) =>
      repository.mayContain({ accountId: account, revision, eventId });
    expect(await ask(0n, randomUUID())).toBe(false);
    await repository.append(account, undefined, [sent(1), ...declinedBy('chiara', 2)]);
    const last = repository.lastAppended!;
    expect(last).toMatchObject({ accountId: account, revision: 3n });
    expect(await repository.mayContain(last)).toBe(true);
    expect(await ask(3n, randomUUID())).toBe(false);
    expect(await ask(4n, last.eventId)).toBe(false);
    await client.deleteStream(streamOf(account));
    expect(await ask(3n, randomUUID())).toBe(true);
    await client.tombstoneStream(streamOf(account));
    expect(await ask(3n, randomUUID())).toBe(true);
  });

  it('leaves no call open in the client, however much of its response was read', async () => {
    const account = newAccount();
    const absent = { accountId: newAccount(), revision: 0n, eventId: randomUUID() };
    await repository.append(account, undefined, [sent(1), accepted(2)]);
    const { disposableStreams: calls } = client as unknown as { disposableStreams: ReadonlySet<unknown> };
    const before = calls.size;
    for (let turn = 0; turn < 50; turn += 1) {
      await repository.read(account);
      await repository.mayContain({ ...absent, accountId: account });
      await repository.mayContain(absent);
      for await (const events of readStream(client, streamOf(account))) if (events.length > 0) break;
    }
    await until(
      () => calls.size <= before,
      5_000,
      () => `${calls.size} calls are open`,
    );
  });

  it('reads thousands of accounts without events on one connection', async () => {
    const connection = connectEventStore(server.url);
    const reader = new AccountRepository(connection, { timeoutMs: 10_000, attempts: 1 });
    for (let batch = 0; batch < 40; batch += 1) {
      const accounts = await Promise.all(Array.from({ length: 100 }, () => reader.read(newAccount())));
      expect(accounts.every(({ revision }) => revision === undefined)).toBe(true);
    }
    await closeEventStore(connection);
  });

  it('reads an account with 3,000 invitations whole', async () => {
    const account = newAccount();
    let revision: bigint | undefined;
    for (let first = 0; first < 3_000; first += 500) {
      const events = Array.from({ length: 500 }, (_, n) => sent(first + n, { recipientId: `m${first + n}` }));
      revision = await repository.append(account, revision, events);
    }
    const { account: state, revision: read } = await repository.read(account);
    expect(read).toBe(2_999n);
    expect(state.sent).toBe(3_000);
    expect(state.invitations.size).toBe(3_000);
  });
});

describe('AccountRepository in a process that stalls for longer than the timeout', () => {
  /** Blocks the process after the requests were sent, until the responses have arrived and the timeout has passed. */
  async function stalled<T>(asked: Promise<T>): Promise<T> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    // Timers run first when the event loop continues.
    await new Promise((resolve) => setImmediate(resolve));
    const until = performance.now() + PATIENCE.timeoutMs + 100;
    while (performance.now() < until);
    return asked;
  }

  it('receives the responses that arrived meanwhile', async () => {
    const account = newAccount();
    const impatient = new AccountRepository(client, { ...PATIENCE, attempts: 1 });
    await impatient.append(account, undefined, [sent(1)]);
    expect(await stalled(impatient.append(account, 0n, [accepted(2)]))).toBe(1n);
    expect((await stalled(impatient.read(account))).revision).toBe(1n);
  });
});

describe('AccountRepository with a server that stops responding', () => {
  let proxy: TcpProxy;
  let throughProxy: EventStoreDBClient;
  let far: AccountRepository;

  beforeAll(async () => {
    const { host } = new URL(server.url.replace('esdb:', 'http:'));
    proxy = await TcpProxy.to(Number(host.split(':')[1]));
    throughProxy = connectEventStore(server.url.replace(host, `127.0.0.1:${proxy.port}`));
    far = new AccountRepository(throughProxy, PATIENCE);
  });

  afterAll(async () => {
    proxy.open();
    await closeEventStore(throughProxy);
    await proxy.close();
  });

  async function took(work: Promise<unknown>): Promise<number> {
    const since = performance.now();
    await expect(work).rejects.toBeInstanceOf(EventStoreUnavailableError);
    return performance.now() - since;
  }

  it('throws within a bounded time, and a repeated append is stored once', async () => {
    const account = newAccount();
    await far.append(account, undefined, [sent(1)]);
    proxy.fallSilent();
    expect(await took(far.append(account, 0n, [accepted(2)]))).toBeLessThan(3 * PATIENCE.timeoutMs + 2_000);
    expect(await took(far.read(account))).toBeLessThan(PATIENCE.timeoutMs + 2_000);
    proxy.open();
    // The pending appends arrive now, before or after this one.
    expect(await far.append(account, 0n, [accepted(2)])).toBe(1n);
    expect((await far.read(account)).revision).toBe(1n);
    expect(await stored(account)).toEqual([sent(1), accepted(2)]);
  });

  it('stores one append after the server has broken the connection', async () => {
    const account = newAccount();
    proxy.fallSilent();
    const appending = far.append(account, undefined, [sent(1)]);
    await new Promise((resolve) => setImmediate(resolve));
    proxy.breakAll();
    proxy.open();
    const revision = await appending.catch(() => far.append(account, undefined, [sent(1)]));
    expect(revision).toBe(0n);
    expect(await stored(account)).toEqual([sent(1)]);
  });
});
