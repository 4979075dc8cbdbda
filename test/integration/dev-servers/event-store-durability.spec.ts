import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { DeadlineExceededError, EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { closeEventStore } from '#libs/event-store';
import { Users } from '../../../libs/dev-servers/src/eventstore/access/users.js';
import { serveStore } from '../../../libs/dev-servers/src/eventstore/serve-store.js';
import { liveAll } from '../../../libs/dev-servers/src/eventstore/store/cursors.js';
import { EventStore } from '../../../libs/dev-servers/src/eventstore/store/event-store.js';
import { startEventStore } from '../../../libs/dev-servers/src/start-servers.js';
import { SeededRandom } from '../../support/seeded-random.js';
import { newDataDir, numbersIn, proposals, proposed } from './event-store-fixtures.js';

interface Acknowledged {
  readonly stream: string;
  readonly ids: string[];
  readonly position: bigint;
}

/** Appends three events at a time with 32 concurrent writers, until the server is killed. */
async function appendUntilKilled(
  client: EventStoreDBClient,
  run: number,
  onAcknowledged: (append: Acknowledged) => void,
) {
  await Promise.all(
    Array.from({ length: 32 }, async (_, writer) => {
      for (let n = 0; ; n++) {
        const stream = `run-${run}-${writer}-${n}`;
        const batch = [0, 1, 2].map((i) => jsonEvent({ type: 'Tested', data: { i } }));
        try {
          const { position } = await client.appendToStream(stream, batch, { expectedRevision: NO_STREAM });
          onAcknowledged({ stream, ids: batch.map(({ id }) => id), position: position!.commit });
        } catch {
          return;
        }
      }
    }),
  );
}

describe('event store server', () => {
  it('keeps every acknowledged append whole and once after it is killed', async () => {
    const dataDir = await newDataDir();
    const random = new SeededRandom(4);
    const acknowledged: Acknowledged[] = [];
    for (let run = 0; run < 4; run++) {
      const server = await startEventStore({ dataDir }, { stdio: 'ignore' });
      const client = EventStoreDBClient.connectionString(server.addresses.url);
      const killAt = acknowledged.length + 100 + random.below(300);
      let killed: Promise<void> | undefined;
      await appendUntilKilled(client, run, (append) => {
        if (killed) return;
        acknowledged.push(append);
        if (acknowledged.length >= killAt) killed = server.kill();
      });
      await killed;
      await closeEventStore(client);
    }

    const server = await startEventStore({ dataDir });
    const client = EventStoreDBClient.connectionString(server.addresses.url);
    const streams = new Map<string, { ids: string[]; position: bigint }>();
    for await (const { event } of client.readAll()) {
      if (!event!.streamId.startsWith('run-')) continue;
      const stream = streams.get(event!.streamId) ?? { ids: [], position: 0n };
      stream.ids.push(event!.id);
      stream.position = event!.position.commit;
      streams.set(event!.streamId, stream);
    }
    await closeEventStore(client);
    await server.stop();

    const kept = acknowledged.map(({ stream }) => ({ stream, ...streams.get(stream) }));
    expect(kept).toEqual(acknowledged);
    expect([...streams.values()].filter(({ ids }) => ids.length !== 3)).toEqual([]);
  });
});

describe('EventStore.append', () => {
  /** Opens a store whose fsyncs wait for `release`. */
  async function openGatedStore() {
    const dataDir = await newDataDir();
    const store = await EventStore.open(dataDir);
    const handle = await open(join(dataDir, 'events.log'));
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    let release: () => void = () => undefined;
    const datasync = jest
      .spyOn(prototype, 'datasync')
      .mockImplementation(() => new Promise<void>((resolve) => (release = resolve)));
    const fsyncCalled = async () => {
      while (datasync.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    };
    return { store, datasync, fsyncCalled, release: () => release() };
  }

  /** Whether a promise settles without waiting for the disk. */
  async function settles(promise: Promise<unknown>): Promise<boolean> {
    let isSettled = false;
    const watching = async () => {
      await Promise.allSettled([promise]);
      isSettled = true;
    };
    void watching();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    return isSettled;
  }

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('neither acknowledges an append nor shows its events before fsync returns', async () => {
    const { store, fsyncCalled, release } = await openGatedStore();
    const append = store.append('s', 'any', proposals(2));
    await fsyncCalled();
    expect(await settles(append)).toBe(false);
    expect(store.readableRange('s')).toBeUndefined();
    const subscription = liveAll(store, 0);
    expect(subscription()).toBeUndefined();
    release();
    await append;
    expect([subscription(), subscription(), subscription()]).toEqual([0, 1, undefined]);
    expect(numbersIn(store, 's')).toEqual([0, 1]);
    await store.close();
  });

  it('checks an append against one that is not durable yet, and delays its result', async () => {
    const { store, fsyncCalled, release } = await openGatedStore();
    const batch = proposals(2);
    const first = store.append('s', 'no_stream', batch);
    await fsyncCalled();
    const repeat = store.append('s', 'no_stream', batch);
    const conflict = store.append('s', 'no_stream', [proposed(9)]);
    expect(await settles(Promise.race([repeat, conflict]))).toBe(false);
    release();
    expect(await repeat).toEqual(await first);
    await expect(conflict).rejects.toThrow(/revision 1/);
    expect(numbersIn(store, 's')).toEqual([0, 1]);
    await store.close();
  });

  it('hides metadata and tombstones until they are durable', async () => {
    const { store, fsyncCalled, release, datasync } = await openGatedStore();
    const append = store.append('s', 'any', proposals(2));
    await fsyncCalled();
    release();
    await append;
    datasync.mockClear();
    const tombstone = store.tombstone('s', 'any');
    await fsyncCalled();
    expect(numbersIn(store, 's')).toEqual([0, 1]);
    const late = store.append('s', 'any', [proposed(9)]);
    expect(await settles(late)).toBe(false);
    release();
    await tombstone;
    await expect(late).rejects.toThrow(/deleted/);
    expect(() => store.readableRange('s')).toThrow(/deleted/);
    await store.close();
  });

  it('shares one fsync among all appends that were made during another', async () => {
    const { store, fsyncCalled, release, datasync } = await openGatedStore();
    const first = store.append('first', 'any', proposals(1));
    await fsyncCalled();
    const others = Array.from({ length: 500 }, (_, n) => store.append(`s-${n}`, 'any', proposals(1)));
    release();
    await first;
    while (datasync.mock.calls.length < 2) await new Promise((resolve) => setImmediate(resolve));
    release();
    await Promise.all(others);
    expect(datasync).toHaveBeenCalledTimes(2);
    await store.close();
  });

  it('responds once with a timeout when fsync takes two seconds, and may store the events later', async () => {
    const { store, fsyncCalled, release, datasync } = await openGatedStore();
    const server = await serveStore(store, new Users(store), {});
    const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${server.port}?tls=false`);
    const append = client.appendToStream('s', jsonEvent({ type: 'Tested', data: { n: 0 } }));
    await fsyncCalled();
    await expect(append).rejects.toBeInstanceOf(DeadlineExceededError);
    datasync.mockResolvedValue();
    release();
    // A second response to the first append would throw in the client.
    await client.appendToStream('s', jsonEvent({ type: 'Tested', data: { n: 1 } }));
    expect(numbersIn(store, 's')).toEqual([0, 1]);
    await closeEventStore(client);
    server.stop();
    await store.close();
  });

  it('fails an append and all later ones when the disk fails', async () => {
    const { store, datasync } = await openGatedStore();
    datasync.mockRejectedValue(new Error('EIO'));
    await expect(store.append('s', 'any', proposals(1))).rejects.toThrow('EIO');
    await expect(store.append('s', 'any', proposals(1))).rejects.toThrow('EIO');
    expect((await store.failed).message).toBe('EIO');
    expect(store.readableRange('s')).toBeUndefined();
    await store.close();
  });
});
