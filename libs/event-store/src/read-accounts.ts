import { StreamDeletedError, StreamNotFoundError, type EventStoreDBClient } from '@eventstore/db-client';
import { CONNECTION_HINT, EventStoreUnavailableError } from './wire/response-timeout.js';
import {
  isAfter,
  toRawEvent,
  type LogPosition,
  type RawEvent,
  streamOf,
  streamPrefixesOf,
} from './events/raw-event.js';
import { readAll, readStream, type RecordedEvent } from './read-streams.js';
import { callRead } from './wire/read-call.js';
import type { LogEntry } from './wire/read-codec.js';

/**
 * Reads all events of an account. An account without a stream has none.
 * @returns undefined if the stream was tombstoned
 * @throws EventStoreUnavailableError
 */
export async function readAccountStream(
  client: Pick<EventStoreDBClient, 'readStream'>,
  accountId: string,
  timeoutMs?: number,
): Promise<readonly RawEvent[] | undefined> {
  const events: RawEvent[] = [];
  try {
    for await (const batch of readAccountEntries(client, accountId, timeoutMs)) {
      for (const { event } of batch) if (event !== undefined) events.push(event);
    }
  } catch (error) {
    if (error instanceof StreamDeletedError) return undefined;
    throw toUnavailableError(error);
  }
  return events;
}

/**
 * Reads the events of an account up to the end of its stream, in batches of the events that have arrived. An account whose
 * stream does not exist, or was tombstoned, has none.
 * @throws EventStoreUnavailableError
 */
export async function* readAccountBatches(
  client: Pick<EventStoreDBClient, 'readStream'>,
  accountId: string,
  timeoutMs?: number,
): AsyncGenerator<readonly RawEvent[], void, void> {
  try {
    for await (const batch of readAccountEntries(client, accountId, timeoutMs)) {
      yield batch.map(({ event }) => event).filter((event) => event !== undefined);
    }
  } catch (error) {
    if (!(error instanceof StreamDeletedError)) throw toUnavailableError(error);
  }
}

/** A part of `$all`. */
interface LogRange {
  /** Restricts the range to one account's stream, which is then read instead of `$all`. */
  readonly account?: string | undefined;
  /** Undefined for the start of the log. */
  readonly after?: LogPosition | undefined;
  /** The last position, inclusive. Events that were appended later are not read. */
  readonly to: LogPosition;
}

interface LogBatch {
  /** The events of accounts. It may be empty. */
  readonly events: readonly RawEvent[];
  /** Everything in the range up to this position has been read. */
  readonly position: LogPosition;
}

/**
 * Reads the events of accounts in a range, in batches of the events that have arrived.
 * @param timeoutMs how long the server may take to send the next events, in milliseconds
 * @throws EventStoreUnavailableError
 */
export async function* readLogRange(
  client: Pick<EventStoreDBClient, 'readAll' | 'readStream'>,
  { account, after, to }: LogRange,
  timeoutMs?: number,
): AsyncGenerator<LogBatch, void, void> {
  const batches =
    account === undefined
      ? readAll(client, { after, timeoutMs })
      : readAccountEntries(client, account, timeoutMs);
  try {
    for await (const entries of batches) {
      const batch = withinRange(entries, after, to);
      if (batch === undefined) continue;
      yield batch;
      if (!isAfter(to, batch.position)) return;
    }
  } catch (error) {
    throw toUnavailableError(error);
  }
}

/** Reads an account's stream as `$all` would give it. An account without a stream has no events. */
async function* readAccountEntries(
  client: Pick<EventStoreDBClient, 'readStream'>,
  accountId: string,
  timeoutMs: number | undefined,
): AsyncGenerator<readonly LogEntry[], void, void> {
  try {
    for await (const events of readStream(client, streamOf(accountId), { timeoutMs }))
      yield events.map(toEntry);
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error;
  }
}

function toEntry(event: RecordedEvent): LogEntry {
  const { position } = event;
  if (position === undefined) {
    throw new EventStoreUnavailableError(
      'the event store is older than 22.6: events of a stream have no position',
    );
  }
  return { position, event: toRawEvent({ ...event, position }) };
}

function withinRange(
  entries: readonly LogEntry[],
  after: LogPosition | undefined,
  to: LogPosition,
): LogBatch | undefined {
  const events: RawEvent[] = [];
  let last: LogPosition | undefined;
  for (const { position, event } of entries) {
    // A read begins with the event at its position, not after it.
    if (position === undefined || !isAfter(position, after)) continue;
    if (isAfter(position, to)) return { events, position: to };
    last = position;
    if (event !== undefined) events.push(event);
  }
  return last && { events, position: last };
}

/** @returns an error that says why the event store could not be read and what to check */
export function toUnavailableError(error: unknown): EventStoreUnavailableError {
  if (error instanceof EventStoreUnavailableError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new EventStoreUnavailableError(`the event store cannot be read: ${why}; ${CONNECTION_HINT}`, {
    cause: error,
  });
}

/**
 * Reads the events of accounts after a position, up to a limit.
 * @param limit how many events of the log to read, those outside the accounts' streams included
 * @returns whether the end of the log was reached
 */
export async function readAccountLog(
  client: Pick<EventStoreDBClient, 'readAll'>,
  after: LogPosition | undefined,
  limit: number,
  onEvent: (event: RawEvent) => void,
): Promise<{ readonly isAll: boolean }> {
  let read = 0;
  for await (const entries of readAll(client, { after, maxCount: limit })) {
    read += entries.length;
    for (const { event } of entries) if (event !== undefined) onEvent(event);
  }
  return { isAll: read < limit };
}

/**
 * Subscribes to the accounts of some slices after a position, and yields their events in the order of `$all`, in batches of
 * the events that have arrived. EventStoreDB ends a live subscription whose consumer is too slow, which any burst can cause.
 * A subscription that ends after events is therefore replaced at once, after the last event received. A subscription that
 * ends without an event is an error.
 * @param after undefined for the start of the log
 * @param onContinued is called when another subscription begins
 * @throws the error of a subscription that ended before its first event; it returns if there was no error
 */
export async function* subscribeToAccounts(
  client: Pick<EventStoreDBClient, 'readAll'>,
  slices: readonly number[],
  after: LogPosition | undefined,
  signal: AbortSignal,
  onContinued: () => void = () => undefined,
): AsyncGenerator<RawEvent[], void, void> {
  const prefixes = streamPrefixesOf(slices);
  for (let received = after; ; onContinued()) {
    const before = received;
    try {
      for await (const entries of callRead(client, { after: received, prefixes }, signal)) {
        const events: RawEvent[] = [];
        for (const { position, event } of entries) {
          if (position !== undefined) received = position;
          if (event !== undefined) events.push(event);
        }
        if (events.length > 0) yield events;
      }
    } catch (error) {
      if (received === before) throw error;
    }
    if (received === before || signal.aborted) return;
  }
}
