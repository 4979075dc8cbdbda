import type { Reader } from '../protocol/reader.js';

/** Kafka's default (fetch.max.bytes of the broker). */
const MAX_BYTES = 57_671_680;
/** No client waits longer without asking again; Kafka has no such bound. */
const MAX_WAIT_MS = 60_000;

export interface FetchRequest {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolation: 'committed' | 'uncommitted';
  readonly topics: readonly {
    topic: string;
    partitions: readonly { partition: number; offset: number; maxBytes: number }[];
  }[];
}

/** Reads a Fetch with its limits cut to what this broker gives. */
export function readFetch(version: number, body: Reader): FetchRequest {
  body.int32(); // the replica that asks: -1, a client
  const maxWaitMs = between(0, body.int32(), MAX_WAIT_MS);
  const minBytes = body.int32();
  const maxBytes = between(0, body.int32(), MAX_BYTES);
  const isolation = body.int8() === 1 ? 'committed' : 'uncommitted';
  if (version >= 7) {
    body.int32(); // session id
    body.int32(); // session epoch
  }
  const topics = body.array(() => ({
    topic: body.string(),
    partitions: body.array(() => readPartition(version, body)),
  }));
  return { maxWaitMs, minBytes: Math.min(minBytes, maxBytes), maxBytes, isolation, topics };
}

function readPartition(version: number, body: Reader) {
  const partition = body.int32();
  if (version >= 9) body.int32(); // the leader's epoch, which never changes
  const offset = body.int64();
  if (version >= 5) body.int64(); // where a follower's log starts
  return { partition, offset, maxBytes: between(0, body.int32(), MAX_BYTES) };
}

function between(lowest: number, value: number, highest: number): number {
  return Math.max(lowest, Math.min(value, highest));
}
