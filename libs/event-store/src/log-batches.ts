import type { Readable } from 'node:stream';
import {
  START,
  StreamNotFoundError,
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { recordedOf, type Place, type RecordedEvent } from './account-log.js';
import { EventStoreUnavailable } from './client.js';
import { inChunks, READ_AHEAD } from './in-chunks.js';
import { streamOf } from './streams.js';
import { within } from './within.js';

/** A part of $all. */
export interface Stretch {
  /** Only what is in this account's stream: the server gives nothing else. */
  readonly account?: string | undefined;
  /** Undefined for the very beginning. */
  readonly after?: Place | undefined;
  /** The last place; what was appended behind it since is left alone. */
  readonly to: Place;
}

/** What was read at once. */
export interface LogBatch {
  /** Those that are in accounts' streams: there may be none. */
  readonly events: readonly RecordedEvent[];
  /** Nothing up to here is missing. */
  readonly at: Place;
}

/**
 * A stretch of the log in order, whatever has come in at a time.
 * @param silenceMs how long the server may say nothing: the client itself would wait for ever
 * @throws EventStoreUnavailable when it does, or when the connection breaks
 */
export async function* logBatches(
  client: Pick<EventStoreDBClient, 'readAll' | 'readStream'>,
  { account, after, to }: Stretch,
  silenceMs = 30_000,
): AsyncGenerator<LogBatch, void, void> {
  const source =
    account === undefined
      ? client.readAll({ fromPosition: after ?? START }, READ_AHEAD)
      : client.readStream(streamOf(account), {}, READ_AHEAD);
  // One that comes after the last event was asked for has no reader any more.
  source.on('error', () => undefined);
  // It is a stream of node's like any other, though its type says less.
  const chunks = inChunks<AllStreamResolvedEvent>(source as unknown as Readable);
  try {
    for (;;) {
      const { value: chunk } = await within(silenceMs, chunks.next()).catch(endedBy);
      if (chunk === undefined) return;
      const batch = batchOf(chunk, after, to);
      if (batch === undefined) continue;
      yield batch;
      if (!isBehind(to, batch.at)) return;
    }
  } finally {
    source.destroy();
    await source.cancel().catch(() => undefined);
  }
}

function batchOf(
  chunk: readonly AllStreamResolvedEvent[],
  after: Place | undefined,
  to: Place,
): LogBatch | undefined {
  const events: RecordedEvent[] = [];
  let at: Place | undefined;
  for (const { event } of chunk) {
    // A read begins with the event at its position, and not behind it.
    if (event === undefined) continue;
    if (event.position === undefined)
      throw new EventStoreUnavailable('the event store is older than 22.6, which tells positions');
    if (!isBehind(event.position, after)) continue;
    if (isBehind(event.position, to)) return { events, at: to };
    at = event.position;
    const recorded = recordedOf(event);
    if (recorded !== undefined) events.push(recorded);
  }
  return at && { events, at };
}

/** An account that has done nothing has no stream. */
function endedBy(error: unknown): { readonly value: undefined } {
  if (error instanceof StreamNotFoundError) return { value: undefined };
  const why = error instanceof Error ? error.message : String(error);
  const message = `the event store cannot be read: ${why}; is it up at EVENTSTORE_URL, and reachable from here?`;
  throw new EventStoreUnavailable(message, { cause: error });
}

const isBehind = (place: Place, other: Place | undefined): boolean =>
  other === undefined ||
  place.commit > other.commit ||
  (place.commit === other.commit && place.prepare > other.prepare);
