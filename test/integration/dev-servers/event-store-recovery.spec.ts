import { copyFile, mkdir, open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BACKWARDS, END, EventStoreDBClient } from '@eventstore/db-client';
import { describe, expect, it } from '@jest/globals';
import { closeEventStore } from '#libs/event-store';
import { EventStore } from '../../../libs/dev-servers/src/eventstore/store/event-store.js';
import { startEventStore } from '../../../libs/dev-servers/src/start-servers.js';
import { SeededRandom } from '../../support/seeded-random.js';
import { newDataDir, numbersIn, proposals, proposed } from './event-store-fixtures.js';

const LOG = 'events.log';
const HEADER_BYTES = 16;

/** Creates a log of `frames` frames, each an append of three events. @returns also where each frame ends */
async function createLog(frames: number): Promise<{ dataDir: string; ends: number[] }> {
  const dataDir = await newDataDir();
  const store = await EventStore.open(dataDir);
  const ends: number[] = [];
  for (let n = 0; n < frames; n++) {
    await store.append('s', 'any', [proposed(3 * n), proposed(3 * n + 1), proposed(3 * n + 2)]);
    ends.push((await stat(join(dataDir, LOG))).size);
  }
  await store.close();
  return { dataDir, ends };
}

async function copyLog(dataDir: string): Promise<string> {
  const copy = await newDataDir();
  await mkdir(copy, { recursive: true });
  await copyFile(join(dataDir, LOG), join(copy, LOG));
  return copy;
}

const range = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('EventStore.open on a truncated log', () => {
  it('keeps every complete append and drops incomplete ones, wherever the log ends', async () => {
    const { dataDir, ends } = await createLog(8);
    const random = new SeededRandom(1);
    const size = ends.at(-1)!;
    const cuts = [
      0,
      1,
      15,
      16,
      17,
      ...ends,
      ...ends.map((end) => end - 1),
      ...range(20).map(() => random.below(size)),
    ];
    for (const cut of cuts) {
      const copy = await copyLog(dataDir);
      await truncate(join(copy, LOG), cut);
      const store = await EventStore.open(copy);
      const complete = ends.filter((end) => end <= cut);
      expect([cut, numbersIn(store, 's')]).toEqual([cut, range(3 * complete.length)]);
      expect((await stat(join(copy, LOG))).size).toBe(complete.at(-1) ?? HEADER_BYTES);
      await store.close();
    }
  });

  it('appends to a truncated log after its last complete append', async () => {
    const { dataDir, ends } = await createLog(3);
    await truncate(join(dataDir, LOG), ends[2]! - 5);
    const cut = await EventStore.open(dataDir);
    await cut.append('s', 1n + 4n, [proposed(6), proposed(7)]);
    await cut.close();
    const store = await EventStore.open(dataDir);
    expect(numbersIn(store, 's')).toEqual(range(8));
    await store.close();
  });

  it('drops only the last append when it is corrupt', async () => {
    const { dataDir, ends } = await createLog(4);
    const bytes = await readFile(join(dataDir, LOG));
    const random = new SeededRandom(2);
    for (let round = 0; round < 20; round++) {
      const copy = await newDataDir();
      const corrupt = Buffer.from(bytes);
      const at = ends[2]! + random.below(ends[3]! - ends[2]!);
      corrupt[at]! ^= 1 + random.below(255);
      await writeFile(join(copy, LOG), corrupt);
      const store = await EventStore.open(copy);
      expect([at, numbersIn(store, 's')]).toEqual([at, range(9)]);
      await store.close();
    }
  });

  it('ignores zeros at the end, as file systems leave them', async () => {
    const { dataDir, ends } = await createLog(2);
    await truncate(join(dataDir, LOG), ends[1]! + 10_000);
    const store = await EventStore.open(dataDir);
    expect(numbersIn(store, 's')).toEqual(range(6));
    await store.close();
  });
});

describe('EventStore.open on a damaged log', () => {
  it('rejects a log with an intact frame after a damaged one', async () => {
    const { dataDir, ends } = await createLog(4);
    const bytes = await readFile(join(dataDir, LOG));
    const random = new SeededRandom(3);
    for (let round = 0; round < 20; round++) {
      const copy = await newDataDir();
      const corrupt = Buffer.from(bytes);
      corrupt[ends[0]! + random.below(ends[2]! - ends[0]!)]! ^= 1 + random.below(255);
      await writeFile(join(copy, LOG), corrupt);
      await expect(EventStore.open(copy)).rejects.toThrow(/damaged at byte/);
    }
  });

  it('rejects a file that is not a log and does not change it', async () => {
    const dataDir = await newDataDir();
    await writeFile(join(dataDir, LOG), 'a diary, not a log of events');
    await expect(EventStore.open(dataDir)).rejects.toThrow(/not an event log/);
    expect(await readFile(join(dataDir, LOG), 'utf8')).toBe('a diary, not a log of events');
  });
});

describe('EventStore after it was reopened', () => {
  it('restores metadata, deletes, tombstones and event ids', async () => {
    const dataDir = await newDataDir();
    const before = await EventStore.open(dataDir);
    const batch = proposals(3);
    const metadata = { ...proposed(0), type: '$metadata', data: Buffer.from('{"$maxCount":2}') };
    const appended = await before.append('counted', 'any', batch);
    await before.append('$$counted', 'any', [metadata]);
    await before.append('hidden', 'any', proposals(3));
    await before.delete('hidden', 'any');
    await before.append('gone', 'any', proposals(1));
    await before.tombstone('gone', 'any');
    await before.close();

    const store = await EventStore.open(dataDir);
    expect(numbersIn(store, 'counted')).toEqual([1, 2]);
    expect(store.readableRange('hidden')).toBeUndefined();
    expect(() => store.readableRange('gone')).toThrow(/deleted/);
    expect(await store.append('counted', 'no_stream', batch)).toEqual(appended);
    expect(await store.append('counted', 'any', batch)).toEqual(appended);
    expect((await store.append('hidden', 'no_stream', [proposed(9)])).revision).toBe(3);
    expect(numbersIn(store, 'hidden')).toEqual([9]);
    await store.close();
  });

  it('opens a log of 200,000 events within eight seconds and reads them all', async () => {
    const dataDir = await newDataDir();
    const events = 200_000;
    const store = await EventStore.open(dataDir);
    const batch = 1_000;
    for (let n = 0; n < events / batch; n++) {
      await store.append(
        `s-${n % 50}`,
        'any',
        range(batch).map((i) => proposed(n * batch + i, 40)),
      );
    }
    await store.close();
    const start = performance.now();
    const server = await startEventStore({ dataDir });
    // Measured: a million events take a second on two busy cores.
    expect(performance.now() - start).toBeLessThan(8_000);
    const client = EventStoreDBClient.connectionString(server.addresses.url);
    const latest = client.readStream('s-49', { direction: BACKWARDS, fromRevision: END, maxCount: 1 });
    for await (const { event } of latest) {
      expect(event).toMatchObject({ revision: 3_999n, data: { n: events - 1 } });
    }
    const middle: unknown[] = [];
    for await (const { event } of client.readStream('s-7')) middle.push((event!.data as { n: number }).n);
    expect(middle).toEqual(range(4_000).map((n) => 7_000 + Math.floor(n / batch) * 50_000 + (n % batch)));
    await closeEventStore(client);
    await server.stop();
  });
});

describe('EventStore data directory', () => {
  it('allows one open store at a time', async () => {
    const dataDir = await newDataDir();
    const store = await EventStore.open(dataDir);
    await expect(EventStore.open(dataDir)).rejects.toThrow(/in use/);
    await store.close();
    await (await EventStore.open(dataDir)).close();
  });

  it('releases the lock when the store cannot be opened', async () => {
    const dataDir = await newDataDir();
    const file = await open(join(dataDir, LOG), 'w');
    await file.write('not an event log at all');
    await file.close();
    await expect(EventStore.open(dataDir)).rejects.toThrow(/not an event log/);
    await truncate(join(dataDir, LOG));
    await (await EventStore.open(dataDir)).close();
  });
});
