import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { EventStore } from '../../libs/dev-servers/src/eventstore/store/event-store.js';
import { dataOf } from '../../libs/dev-servers/src/eventstore/store/recorded-event.js';

const made: string[] = [];

/** A directory of its own, gone after the tests of the file. */
export async function newDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'event-store-'));
  made.push(dataDir);
  return dataDir;
}

afterAll(async () => {
  await Promise.all(made.splice(0).map((dataDir) => rm(dataDir, { recursive: true, force: true })));
});

/** @param bytes at least this much data */
export function proposed(n: number, bytes = 0) {
  const data = Buffer.from(JSON.stringify({ n, padding: 'x'.repeat(bytes) }));
  return { id: randomUUID(), type: 'Tested', isJson: true, data, metadata: new Uint8Array() };
}

export function proposals(count: number, bytes = 0) {
  return Array.from({ length: count }, (_, n) => proposed(n, bytes));
}

/** The numbers that `proposed` put into the events of a stream. */
export function numbersIn(store: EventStore, stream: string): number[] {
  const range = store.readableRange(stream);
  if (!range) return [];
  const read = store.reader();
  return range.stream.ordinals.slice(range.first, range.end).map((ordinal) => {
    const data = JSON.parse(Buffer.from(dataOf(read(ordinal))).toString()) as { n: number };
    return data.n;
  });
}

/** Random numbers that are the same in every run: mulberry32. @returns what gives an integer from 0, below a limit */
export function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
