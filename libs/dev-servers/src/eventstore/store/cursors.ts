import { StreamDeletedError } from './check-append.js';
import { type EventIndex, type IndexedStream, isMetadataStream } from './event-index.js';
import { isSoftDeleted, METADATA_OF_METADATA } from './stream-metadata.js';

/** The events of a stream that readers see: the revisions from `first` up to, and without, `end`. */
export interface StreamRange {
  readonly stream: IndexedStream;
  readonly first: number;
  readonly end: number;
}

/**
 * @param durableCount events below this ordinal are durable
 * @returns undefined when the stream does not exist or is soft-deleted
 * @throws StreamDeletedError when it has a tombstone
 */
export function readableRange(
  index: EventIndex,
  durableCount: number,
  name: string,
): StreamRange | undefined {
  if (index.isTombstoned(name, durableCount)) throw new StreamDeletedError(name);
  const stream = index.stream(name);
  const end = stream ? durableLength(stream, durableCount) : 0;
  if (!stream || end === 0) return undefined;
  const metadata = isMetadataStream(name) ? METADATA_OF_METADATA : index.metadataOf(name, durableCount);
  if (isSoftDeleted(metadata)) return undefined;
  let first = metadata.truncateBefore ?? 0;
  if (metadata.maxCount !== undefined) first = Math.max(first, end - metadata.maxCount);
  if (metadata.maxAge !== undefined) {
    first = Math.max(first, firstRevisionSince(index, stream, end, Date.now() - metadata.maxAge));
  }
  return { stream, first, end };
}

function durableLength(stream: IndexedStream, durableCount: number): number {
  let length = stream.ordinals.length;
  while (length > 0 && stream.ordinals[length - 1]! >= durableCount) length--;
  return length;
}

function firstRevisionSince(index: EventIndex, stream: IndexedStream, end: number, time: number): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (index.events.created(stream.ordinals[middle]!) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Moves to the next event.
 * @returns its ordinal; undefined at the end, from where a live cursor goes on once more events are durable
 */
export type Cursor = () => number | undefined;

/** From one ordinal up to, and without, another. */
export function allForwards(from: number, before: number): Cursor {
  let next = from;
  return () => (next < before ? next++ : undefined);
}

/** From the event before an ordinal down to the first. */
export function allBackwards(before: number): Cursor {
  let next = before - 1;
  return () => (next >= 0 ? next-- : undefined);
}

export function streamForwards(range: StreamRange, from: number): Cursor {
  let next = Math.max(from, range.first);
  return () => (next < range.end ? range.stream.ordinals[next++] : undefined);
}

/** From a revision, or the last one when the stream is shorter, down to the first readable one. */
export function streamBackwards(range: StreamRange, from: number): Cursor {
  let next = Math.min(from, range.end - 1);
  return () => (next >= range.first ? range.stream.ordinals[next--] : undefined);
}

/** The part of the store that live cursors read. */
interface DurableEvents {
  readonly durableCount: number;
  /** @throws StreamDeletedError */
  readableRange(stream: string): StreamRange | undefined;
}

/** Goes on as events become durable. */
export function liveAll(store: DurableEvents, from: number): Cursor {
  let next = from;
  return () => (next < store.durableCount ? next++ : undefined);
}

/**
 * Goes on as events become durable, and obeys changes of the stream's metadata.
 * @throws StreamDeletedError when the stream has a tombstone
 */
export function liveStream(store: DurableEvents, name: string, from: number): Cursor {
  let next = from;
  return () => {
    const range = store.readableRange(name);
    if (!range) return undefined;
    next = Math.max(next, range.first);
    return next < range.end ? range.stream.ordinals[next++] : undefined;
  };
}
