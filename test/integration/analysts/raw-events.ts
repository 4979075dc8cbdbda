import { sliceOf, streamOf, encodeEvent, type RawEvent } from '#libs/event-store';
import type { LogEntry } from './what-if.js';

const BATCH = 500;

/** Returns a log as the event store would deliver it: in batches and in order, with one position for each event. */
export async function* toRawEvents(log: Iterable<LogEntry>): AsyncGenerator<RawEvent[], void, void> {
  const revisions = new Map<string, bigint>();
  let batch: RawEvent[] = [];
  let commit = 0n;
  for (const { accountId, event } of log) {
    const revision = (revisions.get(accountId) ?? -1n) + 1n;
    revisions.set(accountId, revision);
    commit += 100n;
    const { id, type, data, metadata } = encodeEvent(event, event.type === 'AccountRestricted' ? 1 : 0);
    batch.push({
      id,
      type,
      streamId: streamOf(accountId),
      accountId,
      slice: Number.parseInt(sliceOf(accountId), 16),
      revision,
      created: new Date(event.at),
      data,
      metadata: JSON.parse(Buffer.from(metadata as Uint8Array).toString()) as unknown,
      position: { commit, prepare: commit },
    });
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
