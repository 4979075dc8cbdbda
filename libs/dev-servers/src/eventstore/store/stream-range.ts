import { isMetadataStream, type EventIndex, type IndexedStream } from './event-index.js';
import { StreamDeletedError } from './store-errors.js';
import { isSoftDeleted, METADATA_OF_METADATA } from './stream-metadata.js';

/** The events of a stream that readers may see: revisions from `first`, before `end`. */
export interface StreamRange {
  readonly stream: IndexedStream;
  readonly first: number;
  readonly end: number;
}

/**
 * @param durable number of durable events
 * @returns undefined when the stream does not exist, or not any more
 * @throws StreamDeletedError when it has a tombstone
 */
export function readableRange(index: EventIndex, durable: number, name: string): StreamRange | undefined {
  if (index.isTombstoned(name, durable)) throw new StreamDeletedError(name);
  const stream = index.stream(name);
  const end = stream ? durableLength(stream, durable) : 0;
  if (!stream || end === 0) return undefined;
  const metadata = isMetadataStream(name) ? METADATA_OF_METADATA : index.metadataOf(name, durable);
  if (isSoftDeleted(metadata)) return undefined;
  let first = metadata.truncateBefore ?? 0;
  if (metadata.maxCount !== undefined) first = Math.max(first, end - metadata.maxCount);
  if (metadata.maxAge !== undefined) {
    first = Math.max(first, firstYoungerThan(index, stream, end, Date.now() - metadata.maxAge));
  }
  return { stream, first, end };
}

function durableLength(stream: IndexedStream, durable: number): number {
  let length = stream.ordinals.length;
  while (length > 0 && stream.ordinals[length - 1]! >= durable) length--;
  return length;
}

function firstYoungerThan(index: EventIndex, stream: IndexedStream, end: number, time: number): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (index.events.created(stream.ordinals[middle]!) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
