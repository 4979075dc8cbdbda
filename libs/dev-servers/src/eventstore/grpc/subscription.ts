import { randomUUID } from 'node:crypto';
import { liveAll, liveStream, type Cursor } from '../store/cursors.js';
import { eventFilter } from '../store/event-filter.js';
import type { EventStore } from '../store/event-store.js';
import { eventReader } from './event-reader.js';
import type { Outlet } from './outlet.js';
import type { ReadRequest, StartingPoint } from './read-request.js';
import { caughtUp, checkpoint, confirmation } from './read-responses.js';

/**
 * A cursor that pulls: it goes on when the client has room and when events become durable. A slow client holds its
 * own cursor and nothing else, so it is never too slow, unlike with the real server, which drops it in the end.
 * @throws StreamDeletedError when the stream has, or gets, a tombstone
 */
export async function subscribe(store: EventStore, request: ReadRequest, outlet: Outlet): Promise<void> {
  const cursor = cursorOf(store, request);
  const isWanted = request.filter ? eventFilter(store.index, request.filter) : () => true;
  const encode = eventReader(store, request);
  const stopListening = store.onDurable(() => outlet.wake());
  let considered = 0;
  let isCaughtUp = false;
  try {
    await outlet.send(confirmation(randomUUID()));
    while (!outlet.isClosed) {
      const ordinal = cursor();
      if (ordinal === undefined) {
        if (!isCaughtUp && isThere(store, request)) {
          isCaughtUp = true;
          await outlet.send(caughtUp());
        } else await outlet.wait();
        continue;
      }
      if (isWanted(ordinal)) await outlet.send(encode(ordinal));
      else await outlet.breathe();
      if (++considered % request.checkpointInterval === 0) {
        await outlet.send(checkpoint(store.index.events.position(ordinal)));
      }
    }
  } finally {
    stopListening();
  }
}

/** A subscription begins after the place that it names. */
function cursorOf(store: EventStore, { stream, from }: ReadRequest): Cursor {
  if (stream !== undefined)
    return liveStream(store, stream, from === 'end' ? lengthOf(store, stream) : after(from));
  if (from === 'end') return liveAll(store, store.durable);
  return liveAll(store, from === 'start' ? 0 : store.index.events.ordinalFrom(from + 1));
}

function after(from: Exclude<StartingPoint, 'end'>): number {
  return from === 'start' ? 0 : from + 1;
}

function lengthOf(store: EventStore, stream: string): number {
  return store.readableRange(stream)?.end ?? 0;
}

/** The real server waits for a stream to exist before it says that a subscription from its start has caught up. */
function isThere(store: EventStore, { stream, from }: ReadRequest): boolean {
  return stream === undefined || from === 'end' || store.readableRange(stream) !== undefined;
}
