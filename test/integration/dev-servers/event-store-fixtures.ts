import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { EventStore } from '../../../libs/dev-servers/src/eventstore/store/event-store.js';
import { decodeEventData } from '../../../libs/dev-servers/src/eventstore/protocol/recorded-event.js';

const created: string[] = [];

/** A new directory, which is removed after the tests of the file. */
export async function newDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'event-store-'));
  created.push(dataDir);
  return dataDir;
}

afterAll(async () => {
  await Promise.all(created.splice(0).map((dataDir) => rm(dataDir, { recursive: true, force: true })));
});

/** @param bytes the minimum size of the event's data */
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
  const read = store.createReader();
  return range.stream.ordinals.slice(range.first, range.end).map((ordinal) => {
    const data = JSON.parse(Buffer.from(decodeEventData(read(ordinal))).toString()) as { n: number };
    return data.n;
  });
}
