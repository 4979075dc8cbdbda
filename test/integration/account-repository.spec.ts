import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStoreDBClient, JSONRecordedEvent } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import {
  AccountGone,
  AccountRepository,
  Conflict,
  connectEventStore,
  EventStoreUnavailable,
  fromStored,
  streamOf,
} from '#libs/event-store';
import { openAccount, type InvitationEvent } from '#libs/invitation';
import { eventStoreUnderTest } from '../support/event-store.js';
import { accepted, declinedBy, id, ignored, sent } from '../support/story.js';
import { TcpProxy } from './support/tcp-proxy.js';

const PATIENCE = { timeoutMs: 400, attempts: 3 };

let server: Awaited<ReturnType<typeof eventStoreUnderTest>>;
let client: EventStoreDBClient;
let repository: AccountRepository;

beforeAll(async () => {
  server = await eventStoreUnderTest();
  client = connectEventStore(server.url);
  repository = new AccountRepository(client);
});

afterAll(async () => {
  await client.dispose();
  await server.stop();
});

const newAccount = () => `test-${randomUUID()}`;

async function stored(account: string): Promise<InvitationEvent[]> {
  const events: InvitationEvent[] = [];
  for await (const { event } of client.readStream(streamOf(account))) {
    events.push(fromStored(event as JSONRecordedEvent));
  }
  return events;
}

describe('accounts in the event store', () => {
  it('are open and without a revision before their first event', async () => {
    expect(await repository.read(newAccount())).toEqual({ account: openAccount(), revision: undefined });
  });

  it('are the fold of what was appended', async () => {
    const account = newAccount();
    expect(await repository.append(account, undefined, [sent(1), ignored(2)])).toBe(1n);
    expect(await repository.append(account, 1n, [accepted(3)])).toBe(2n);
    const { account: state, revision } = await repository.read(account);
    expect(revision).toBe(2n);
    expect([...state.invitations.values()]).toEqual([{ status: 'accepted', recipientId: 'bilal' }]);
    expect([...state.carriedOut]).toEqual([id(1), id(2), id(3)]);
    expect(await stored(account)).toEqual([sent(1), ignored(2), accepted(3)]);
  });

  it('are read on from where they stood', async () => {
    const account = newAccount();
    const before = await repository.read(account);
    await repository.append(account, undefined, [sent(1)]);
    const after = await repository.readOn(account, before);
    expect(after).toEqual(await repository.read(account));
    expect(await repository.readOn(account, after)).toEqual({ ...after, revision: 0n });
    await repository.append(account, 0n, [accepted(2)]);
    expect((await repository.readOn(account, after)).revision).toBe(1n);
  });

  it('that another writer has moved are a conflict, and nothing is appended', async () => {
    const account = newAccount();
    await repository.append(account, undefined, [sent(1)]);
    await expect(repository.append(account, undefined, [sent(2)])).rejects.toBeInstanceOf(Conflict);
    await expect(repository.append(account, 5n, [sent(2)])).rejects.toBeInstanceOf(Conflict);
    await repository.append(account, 0n, [accepted(2)]);
    await expect(repository.append(account, 0n, [ignored(3)])).rejects.toBeInstanceOf(Conflict);
    expect(await stored(account)).toEqual([sent(1), accepted(2)]);
  });

  it('take a repeated append for the same one, also after others have followed', async () => {
    const account = newAccount();
    const events = [sent(1), ...declinedBy('chiara', 2)];
    expect(await repository.append(account, undefined, events)).toBe(3n);
    expect(await repository.append(account, undefined, events)).toBe(3n);
    await repository.append(account, 3n, [accepted(9)]);
    expect(await repository.append(account, undefined, events)).toBe(3n);
    expect(await stored(account)).toEqual([...events, accepted(9)]);
  });

  it('whose streams were deleted for ever are gone; of those deleted until something is appended, no more is known', async () => {
    const [gone, emptied] = [newAccount(), newAccount()];
    for (const account of [gone, emptied]) await repository.append(account, undefined, [sent(1)]);
    await client.tombstoneStream(streamOf(gone));
    await expect(repository.read(gone)).rejects.toBeInstanceOf(AccountGone);
    await expect(repository.append(gone, 0n, [accepted(2)])).rejects.toBeInstanceOf(AccountGone);
    await client.deleteStream(streamOf(emptied));
    expect(await repository.read(emptied)).toEqual({ account: openAccount(), revision: undefined });
    expect(await repository.append(emptied, undefined, [sent(2)])).toBe(1n);
    expect((await repository.read(emptied)).revision).toBe(1n);
  });

  it('of 3,000 invitations are read whole', async () => {
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

describe('a process that is stalled for longer than it waits', () => {
  /** What was asked for has gone out; then nothing of this process runs until the answer has long come. */
  async function stalled<T>(asked: Promise<T>): Promise<T> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    // Timers are what comes next in an event loop that has been here.
    await new Promise((resolve) => setImmediate(resolve));
    const until = performance.now() + PATIENCE.timeoutMs + 100;
    while (performance.now() < until);
    return asked;
  }

  it('hears the answers that came meanwhile', async () => {
    const account = newAccount();
    const impatient = new AccountRepository(client, { ...PATIENCE, attempts: 1 });
    await impatient.append(account, undefined, [sent(1)]);
    expect(await stalled(impatient.append(account, 0n, [accepted(2)]))).toBe(1n);
    expect((await stalled(impatient.read(account))).revision).toBe(1n);
  });
});

describe('a server that falls silent', () => {
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
    await throughProxy.dispose();
    await proxy.close();
  });

  async function took(work: Promise<unknown>): Promise<number> {
    const since = performance.now();
    await expect(work).rejects.toBeInstanceOf(EventStoreUnavailable);
    return performance.now() - since;
  }

  it('is unavailable within a bounded time, and a repeat appends nothing twice', async () => {
    const account = newAccount();
    await far.append(account, undefined, [sent(1)]);
    proxy.fallSilent();
    expect(await took(far.append(account, 0n, [accepted(2)]))).toBeLessThan(3 * PATIENCE.timeoutMs + 2_000);
    expect(await took(far.read(account))).toBeLessThan(PATIENCE.timeoutMs + 2_000);
    proxy.open();
    // The appends that had no answer now arrive all the same, before or after this one.
    expect(await far.append(account, 0n, [accepted(2)])).toBe(1n);
    expect((await far.read(account)).revision).toBe(1n);
    expect(await stored(account)).toEqual([sent(1), accepted(2)]);
  });

  it('and breaks the connection leaves one append', async () => {
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
