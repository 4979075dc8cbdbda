import type { Readable } from 'node:stream';
import { StreamNotFoundError, type EventStoreDBClient, type ResolvedEvent } from '@eventstore/db-client';
import { EventStoreUnavailable } from './client.js';
import { inChunks } from './in-chunks.js';
import type { Entry } from './log-protocol.js';
import type { Place } from './place.js';
import { readLog } from './read-log.js';
import { recordedEvent, type RecordedEvent } from './recorded-event.js';
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
  const over = new AbortController();
  const chunks =
    account === undefined
      ? readLog(client, { after }, over.signal)
      : readAccount(client, account, over.signal);
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
    over.abort();
    // Where the server has fallen silent, its last step may never come.
    void chunks.return(undefined).catch(() => undefined);
  }
}

/** One account's stream, which is read seldom, as the client reads it. */
async function* readAccount(
  client: Pick<EventStoreDBClient, 'readStream'>,
  account: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Entry[], void, void> {
  const source = client.readStream(streamOf(account));
  // One that comes after the last event was asked for has no reader any more.
  source.on('error', () => undefined);
  const end = () => {
    source.destroy();
    source.cancel().catch(() => undefined);
  };
  signal.addEventListener('abort', end, { once: true });
  // It is a stream of node's like any other, though its type says less.
  for await (const chunk of inChunks<ResolvedEvent>(source as unknown as Readable)) yield chunk.map(entryOf);
}

function entryOf({ event }: ResolvedEvent): Entry {
  if (event === undefined) return { position: undefined, event: undefined };
  if (event.position === undefined)
    throw new EventStoreUnavailable('the event store is older than 22.6, which tells positions');
  return { position: event.position, event: recordedEvent({ ...event, position: event.position }) };
}

function batchOf(chunk: readonly Entry[], after: Place | undefined, to: Place): LogBatch | undefined {
  const events: RecordedEvent[] = [];
  let at: Place | undefined;
  for (const { position, event } of chunk) {
    // A read begins with the event at its position, and not behind it.
    if (position === undefined || !isBehind(position, after)) continue;
    if (isBehind(position, to)) return { events, at: to };
    at = position;
    if (event !== undefined) events.push(event);
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
