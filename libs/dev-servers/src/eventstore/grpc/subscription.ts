import { randomUUID } from 'node:crypto';
import { type Cursor, liveAll, liveStream } from '../store/cursors.js';
import { createEventFilter } from '../store/event-filter.js';
import type { EventStore } from '../store/event-store.js';
import { SlowConsumerError } from './grpc-errors.js';
import type { ReadRequest, StartingPoint } from './read-request.js';
import {
  createEventEncoder,
  encodeCaughtUp,
  encodeCheckpoint,
  encodeConfirmation,
} from './read-responses.js';
import type { ResponseStream } from './response-stream.js';

export interface SubscriptionSettings {
  /**
   * Ends every subscription after this many live events, as if its client had been too slow. Tests of clients use it: a
   * client must subscribe again, and must neither lose nor repeat an event.
   */
  readonly endAfterLiveEvents?: number;
}

/** Live events that wait for a subscriber, plus as many on the way to its connection. One more, and it is too slow. */
const MAX_BUFFERED = 32 + 32;
/** Historical messages that are read before they are sent. */
const PAGE_SIZE = 32;
/**
 * A subscriber with too many waiting events is checked every millisecond, and is too slow once it has taken nothing in five
 * of these checks. The real server does not measure time, but it publishes one event at a time; here, many events become
 * durable at once.
 */
const STALL_CHECK_MS = 1;
const MAX_STALLS = 5;

/** A message to a subscriber: an event or a checkpoint, each by the ordinal of the event, or that it has caught up. */
type Item = { readonly event: number } | { readonly checkpoint: number } | 'caughtUp';

/**
 * Sends the stored events, waiting for the client as long as needed, and then new events as they become durable. Once live,
 * the server does not wait: as on the real server, a client that reads more slowly than others append must subscribe again.
 * Only ordinals of events are buffered.
 * @throws StreamDeletedError when the stream has or gets a tombstone; SlowConsumerError
 */
export async function subscribe(
  store: EventStore,
  request: ReadRequest,
  responses: ResponseStream,
  settings: SubscriptionSettings = {},
): Promise<void> {
  const stopListening = store.onDurable(() => responses.wake());
  try {
    await new Subscription(store, request, responses, settings).run();
  } finally {
    stopListening();
  }
}

class Subscription {
  readonly #store: EventStore;
  readonly #request: ReadRequest;
  readonly #responses: ResponseStream;
  readonly #endAfterLiveEvents: number;
  readonly #cursor: Cursor;
  readonly #matches: (ordinal: number) => boolean;
  readonly #encodeEvent: (ordinal: number) => Buffer;
  /** Read and not sent yet. */
  #buffer: Item[] = [];
  #examined = 0;
  #isLive = false;
  #liveEvents = 0;

  constructor(
    store: EventStore,
    request: ReadRequest,
    responses: ResponseStream,
    { endAfterLiveEvents = Infinity }: SubscriptionSettings,
  ) {
    this.#store = store;
    this.#request = request;
    this.#responses = responses;
    this.#endAfterLiveEvents = endAfterLiveEvents;
    this.#cursor = createCursor(store, request);
    this.#matches = request.filter ? createEventFilter(store.index, request.filter) : () => true;
    this.#encodeEvent = createEventEncoder(store, request);
  }

  async run(): Promise<void> {
    await this.#responses.send(encodeConfirmation(randomUUID()));
    await this.#sendHistory();
    await this.#sendLive();
  }

  /** Leaves the last page in the buffer. */
  async #sendHistory(): Promise<void> {
    const responses = this.#responses;
    while (!responses.isClosed) {
      const isEnd = await this.#fillBuffer(PAGE_SIZE, this.#request.searchWindow);
      if (isEnd && streamExists(this.#store, this.#request)) return;
      const page = this.#buffer.splice(0);
      for (const item of page) await responses.send(this.#encode(item));
      if (page.length === 0) await responses.wait();
    }
  }

  async #sendLive(): Promise<void> {
    const responses = this.#responses;
    this.#buffer.push('caughtUp');
    let history = this.#buffer.length;
    let stalls = 0;
    this.#examined = 0;
    while (!responses.isClosed) {
      const isEnd = await this.#fillBuffer(history + MAX_BUFFERED + 1, this.#request.checkpointInterval);
      while (responses.isWritable && this.#buffer.length > 0) {
        this.#sendItem(this.#buffer.shift()!);
        if (history > 0) history--;
      }
      if (this.#buffer.length - history > MAX_BUFFERED) {
        if (!(await responses.makesProgress(STALL_CHECK_MS))) stalls++;
        if (stalls === MAX_STALLS)
          throw new SlowConsumerError(this.#isLive ? 'live' : 'transitioning to live');
      } else {
        stalls = 0;
        if (isEnd || !responses.isWritable) await responses.wait();
      }
    }
  }

  #sendItem(item: Item): void {
    this.#responses.write(this.#encode(item));
    if (item === 'caughtUp') this.#isLive = true;
    else if (this.#isLive && 'event' in item && ++this.#liveEvents >= this.#endAfterLiveEvents) {
      throw new SlowConsumerError('live');
    }
  }

  /** Reads until the buffer holds `limit` items. @returns true when there are no more events for now */
  async #fillBuffer(limit: number, checkpointInterval: number): Promise<boolean> {
    while (this.#buffer.length < limit && !this.#responses.isClosed) {
      const ordinal = this.#cursor();
      if (ordinal === undefined) return true;
      if (this.#matches(ordinal)) this.#buffer.push({ event: ordinal });
      else await this.#responses.yieldToEventLoop();
      if (++this.#examined % checkpointInterval === 0) this.#buffer.push({ checkpoint: ordinal });
    }
    return false;
  }

  #encode(item: Item): Buffer {
    if (item === 'caughtUp') return encodeCaughtUp();
    return 'event' in item
      ? this.#encodeEvent(item.event)
      : encodeCheckpoint(this.#store.index.events.position(item.checkpoint));
  }
}

/** A subscription begins after the revision or position that it names. */
function createCursor(store: EventStore, { stream, from }: ReadRequest): Cursor {
  if (stream !== undefined)
    return liveStream(store, stream, from === 'end' ? streamLength(store, stream) : revisionAfter(from));
  if (from === 'end') return liveAll(store, store.durableCount);
  return liveAll(store, from === 'start' ? 0 : store.index.events.ordinalFrom(from + 1));
}

function revisionAfter(from: Exclude<StartingPoint, 'end'>): number {
  return from === 'start' ? 0 : from + 1;
}

function streamLength(store: EventStore, stream: string): number {
  return store.readableRange(stream)?.end ?? 0;
}

/** Until the stream exists, the real server does not report that a subscription from the stream's start has caught up. */
function streamExists(store: EventStore, { stream, from }: ReadRequest): boolean {
  return stream === undefined || from === 'end' || store.readableRange(stream) !== undefined;
}
