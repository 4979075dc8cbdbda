import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import type { Access } from '../access/access.js';
import type { streams } from '../protocol/stubs.js';
import { allBackwards, allForwards, type Cursor, streamBackwards, streamForwards } from '../store/cursors.js';
import { createEventFilter } from '../store/event-filter.js';
import type { EventStore } from '../store/event-store.js';
import { toServiceError } from './grpc-errors.js';
import { parseReadRequest, type ReadRequest } from './read-request.js';
import { createEventEncoder, encodeStreamNotFound } from './read-responses.js';
import { readCredentials } from './request-fields.js';
import { ResponseStream } from './response-stream.js';
import { subscribe, type SubscriptionSettings } from './subscription.js';

/** Streams.Read: reads and subscriptions, of a stream or of $all. Its responses are encoded already. */
export function readHandler(
  store: EventStore,
  settings: SubscriptionSettings,
  access: Access,
): handleServerStreamingCall<streams.ReadReq, Buffer> {
  return (call) => void handleRead(store, settings, access, call);
}

async function handleRead(
  store: EventStore,
  settings: SubscriptionSettings,
  access: Access,
  call: ServerWritableStream<streams.ReadReq, Buffer>,
): Promise<void> {
  const responses = new ResponseStream(call);
  try {
    const user = access.authenticate(readCredentials(call));
    const request = parseReadRequest(call.request);
    access.authorize(user, '$r', request.stream ?? '$all');
    if (request.maxCount === undefined) await subscribe(store, request, responses, settings);
    else await read(store, request, request.maxCount, responses);
    call.end();
  } catch (error) {
    if (!responses.isClosed) call.emit('error', toServiceError(error));
  }
}

async function read(
  store: EventStore,
  request: ReadRequest,
  maxCount: number,
  responses: ResponseStream,
): Promise<void> {
  const cursor =
    request.stream === undefined ? allCursor(store, request) : streamCursor(store, request, request.stream);
  if (!cursor) return responses.send(encodeStreamNotFound(request.stream!));
  const matches = request.filter ? createEventFilter(store.index, request.filter) : () => true;
  const encode = createEventEncoder(store, request);
  let count = 0;
  for (let ordinal = cursor(); ordinal !== undefined && count < maxCount; ordinal = cursor()) {
    if (!matches(ordinal)) await responses.yieldToEventLoop();
    else {
      await responses.send(encode(ordinal));
      count++;
    }
    if (responses.isClosed) return;
  }
}

/** A forwards read includes the event at its starting position; a backwards read does not. */
function allCursor(store: EventStore, { from, isBackwards }: ReadRequest): Cursor {
  const end = store.durableCount;
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
