import type { EventStore } from './event-store.js';
import type { StreamRange } from './stream-range.js';

/**
 * Walks over events by ordinal.
 * @returns undefined at the end, which for a subscription is the end for now
 */
export type Cursor = () => number | undefined;

/** From an ordinal on, before another. */
export function allForwards(from: number, before: number): Cursor {
  let next = from;
  return () => (next < before ? next++ : undefined);
}

/** Before an ordinal, down to the first. */
export function allBackwards(before: number): Cursor {
  let next = before - 1;
  return () => (next >= 0 ? next-- : undefined);
}

export function streamForwards(range: StreamRange, from: number): Cursor {
  let next = Math.max(from, range.first);
  return () => (next < range.end ? range.stream.ordinals[next++] : undefined);
}

/** From a revision on, or the last one if there are fewer, down to the first that is readable. */
export function streamBackwards(range: StreamRange, from: number): Cursor {
  let next = Math.min(from, range.end - 1);
  return () => (next >= range.first ? range.stream.ordinals[next--] : undefined);
}

/** Goes on as events become durable. */
export function liveAll(store: EventStore, from: number): Cursor {
  let next = from;
  return () => (next < store.durable ? next++ : undefined);
}

/**
 * Goes on as events become durable, by the stream's metadata of each moment.
 * @throws StreamDeletedError when the stream has got a tombstone
 */
export function liveStream(store: EventStore, name: string, from: number): Cursor {
  let next = from;
  return () => {
    const range = store.readableRange(name);
    if (!range) return undefined;
    next = Math.max(next, range.first);
    return next < range.end ? range.stream.ordinals[next++] : undefined;
  };
}
