import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import { allBackwards, allForwards, streamBackwards, streamForwards, type Cursor } from '../store/cursors.js';
import { eventFilter } from '../store/event-filter.js';
import type { EventStore } from '../store/event-store.js';
import { eventReader } from './event-reader.js';
import { faultOf } from './faults.js';
import { Outlet } from './outlet.js';
import { readRequestOf, type ReadRequest } from './read-request.js';
import { streamNotFound } from './read-responses.js';
import type { streams } from './stubs.js';
import { subscribe } from './subscription.js';

/** Streams.Read: reads and subscriptions, of a stream or of $all. The answers are encoded already. */
export function readHandler(store: EventStore): handleServerStreamingCall<streams.ReadReq, Buffer> {
  return (call) => void serve(store, call);
}

async function serve(store: EventStore, call: ServerWritableStream<streams.ReadReq, Buffer>): Promise<void> {
  const outlet = new Outlet(call);
  try {
    const request = readRequestOf(call.request);
    if (request.maxCount === undefined) await subscribe(store, request, outlet);
    else await read(store, request, request.maxCount, outlet);
    call.end();
  } catch (error) {
    if (!outlet.isClosed) call.emit('error', faultOf(error));
  }
}

async function read(
  store: EventStore,
  request: ReadRequest,
  maxCount: number,
  outlet: Outlet,
): Promise<void> {
  const cursor =
    request.stream === undefined ? allCursor(store, request) : streamCursor(store, request, request.stream);
  if (!cursor) return outlet.send(streamNotFound(request.stream!));
  const isWanted = request.filter ? eventFilter(store.index, request.filter) : () => true;
  const encode = eventReader(store, request);
  let count = 0;
  for (let ordinal = cursor(); ordinal !== undefined && count < maxCount; ordinal = cursor()) {
    if (!isWanted(ordinal)) await outlet.breathe();
    else {
      await outlet.send(encode(ordinal));
      count++;
    }
    if (outlet.isClosed) return;
  }
}

/** Forwards from a position includes the event there, backwards does not. */
function allCursor(store: EventStore, { from, isBackwards }: ReadRequest): Cursor {
  const end = store.durable;
  const ordinal =
    from === 'start' ? 0 : from === 'end' ? end : Math.min(end, store.index.events.ordinalFrom(from));
  return isBackwards ? allBackwards(ordinal) : allForwards(ordinal, end);
}

function streamCursor(store: EventStore, request: ReadRequest, stream: string): Cursor | undefined {
  const range = store.readableRange(stream);
  if (!range) return undefined;
  const from = request.from === 'start' ? 0 : request.from === 'end' ? range.end : request.from;
  return request.isBackwards ? streamBackwards(range, from) : streamForwards(range, from);
}
