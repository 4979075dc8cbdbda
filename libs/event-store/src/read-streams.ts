import type { Readable } from 'node:stream';
import { START, type EventStoreDBClient, type ResolvedEvent } from '@eventstore/db-client';
import { callRead, readInBatches } from './wire/read-call.js';
import type { LogEntry, ReadRequest } from './wire/read-codec.js';
import { CONNECTION_HINT, EventStoreUnavailableError, ResponseTimeout } from './wire/response-timeout.js';
import { isAfter, type LogPosition, type RawEvent } from './events/raw-event.js';

/** Bounds a read: the client itself waits for ever. */
interface ReadLimits {
  /** How long the server may take to send the next events, in milliseconds; 30,000 if not given. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ReadStreamOptions extends ReadLimits {
  /** The start of the stream if not given. */
  readonly fromRevision?: bigint | undefined;
  readonly maxCount?: number | undefined;
  /** Reads from the leader of a cluster: a follower may lack the last events. */
  readonly requiresLeader?: boolean | undefined;
}

export type RecordedEvent = NonNullable<ResolvedEvent['event']>;

/**
 * Reads one stream forwards, in batches of the events that have arrived.
 * @throws EventStoreUnavailableError after the timeout or an abort; otherwise the client's errors, such as StreamNotFoundError
 */
export async function* readStream(
  client: Pick<EventStoreDBClient, 'readStream'>,
  stream: string,
  { fromRevision, maxCount, requiresLeader = false, ...limits }: ReadStreamOptions = {},
): AsyncGenerator<readonly RecordedEvent[], void, void> {
  limits.signal?.throwIfAborted();
  const source = client.readStream(stream, {
    fromRevision: fromRevision ?? START,
    requiresLeader,
    ...(maxCount === undefined ? {} : { maxCount }),
  });
  // Nobody handles an error that comes after the caller has stopped reading.
  source.on('error', () => undefined);
  // It is one of Node's streams, although its type does not say so.
  const batches = readInBatches<ResolvedEvent>(source as unknown as Readable);
  const cancel = () => void source.cancel().catch(() => undefined);
  for await (const batch of limit(batches, cancel, limits)) {
    const events = batch.map(({ event }) => event).filter((event) => event !== undefined);
    if (events.length > 0) yield events;
  }
}

interface ReadAllOptions extends ReadLimits, Omit<ReadRequest, 'prefixes'> {}

/**
 * Reads `$all` to its end, in batches of the events that have arrived. Events outside the accounts' streams have a position
 * only.
 * @throws EventStoreUnavailableError after the timeout or an abort; otherwise the client's errors
 */
export async function* readAll(
  client: Pick<EventStoreDBClient, 'readAll'>,
  { timeoutMs, signal, ...request }: ReadAllOptions,
): AsyncGenerator<readonly PositionedEntry[], void, void> {
  signal?.throwIfAborted();
  const call = new AbortController();
  const batches = callRead(client, request, call.signal);
  for await (const batch of limit(batches, () => call.abort(), { timeoutMs, signal })) {
    const entries = batch.filter(hasPosition);
    if (entries.length > 0) yield entries;
  }
}

/** An event of `$all`; `event` is undefined if it is not in an account's stream. */
type PositionedEntry = LogEntry & { readonly position: NonNullable<LogEntry['position']> };

const hasPosition = (entry: LogEntry): entry is PositionedEntry => entry.position !== undefined;

const DEFAULT_TIMEOUT_MS = 30_000;

/** @param cancel ends a call that has not ended by itself */
async function* limit<Batch>(
  batches: AsyncGenerator<Batch, void, void>,
  cancel: () => void,
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: ReadLimits,
): AsyncGenerator<Batch, void, void> {
  let isOver = false;
  try {
    for (;;) {
      const { done, value } = await nextWithin(batches, timeoutMs, signal);
      isOver = done === true;
      if (done === true) return;
      yield value;
    }
  } catch (error) {
    isOver = !(error instanceof EventStoreUnavailableError);
    throw error;
  } finally {
    // A server closes the connection of a client that cancels thousands of calls.
    if (!isOver) cancel();
    // Not awaited: if the server has stopped responding, it may never settle.
    void batches.return(undefined).catch(() => undefined);
  }
}

function nextWithin<Batch>(
  batches: AsyncGenerator<Batch, void, void>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<IteratorResult<Batch, void>> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new EventStoreUnavailableError(`${why}; ${CONNECTION_HINT}`));
    const onAbort = () => fail('the event store does not respond');
    const timeout = new ResponseTimeout(timeoutMs, () =>
      fail(`no response to a read within ${timeoutMs} ms`),
    );
    signal?.addEventListener('abort', onAbort, { once: true });
    batches
      .next()
      .finally(() => {
        timeout.stop();
        signal?.removeEventListener('abort', onAbort);
      })
      .then(resolve, reject);
  });
}

/** The end of `$all`, with the events of some slices after a position. */
export interface LogTail {
  /** The position of the last event of the log, in any stream; undefined for an empty log. */
  readonly head: LogPosition | undefined;
  /** The oldest event of the slices that was found. */
  readonly oldestEvent: RawEvent | undefined;
  /** How many events of the slices there are. An estimate if not all events after the position were read. */
  readonly eventCount: number;
}

/** How many events to read backwards: more if those read so far are all of other slices, and never more than the last size. */
const LOOKBACK_SIZES = [1, 200, 4_000] as const;

/**
 * Finds out whether the log has events of the slices after a position. EventStoreDB cannot filter a read of `$all`, so this
 * reads backwards from the end, and reads a single event if nothing has happened.
 * @throws EventStoreUnavailableError when the signal aborts
 */
export async function readLogTail(
  client: Pick<EventStoreDBClient, 'readAll'>,
  slices: readonly number[],
  after: LogPosition | undefined,
  signal: AbortSignal,
): Promise<LogTail> {
  const wanted = new Set(slices);
  let tail: LogTail = { head: undefined, oldestEvent: undefined, eventCount: 0 };
  for (const size of LOOKBACK_SIZES) {
    const latest: PositionedEntry[] = [];
    const backwards = { after: undefined, direction: 'backwards', maxCount: size, signal } as const;
    for await (const entries of readAll(client, backwards)) latest.push(...entries);
    const newer = latest.filter(({ position }) => isAfter(position, after));
    const found = newer
      .map(({ event }) => event)
      .filter((event) => event !== undefined && wanted.has(event.slice));
    const isAll = newer.length < size;
    tail = {
      head: latest[0]?.position,
      oldestEvent: found.at(-1),
      eventCount: isAll ? found.length : estimate(found.length, newer, after),
    };
    // A single event does not tell how many there are.
    if (isAll || wanted.size === 0 || (found.length > 0 && size > 1)) break;
  }
  return tail;
}

/** Assumes that the whole log has as many events of the slices per byte as the part that was read. */
function estimate(found: number, read: readonly PositionedEntry[], after: LogPosition | undefined): number {
  const head = read[0]!.position.commit;
  const bytesBehind = Number(head - (after?.commit ?? 0n));
  const bytesRead = Number(head - read.at(-1)!.position.commit);
  return bytesRead === 0 ? found : Math.round((found * bytesBehind) / bytesRead);
}
