import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Peer } from '../protocol/api.js';
import { MalformedRequestError } from '../protocol/primitives.js';
import type { Dispatcher } from './dispatcher.js';

/**
 * The requests that a client may send ahead of its responses. With more, the socket is paused until the backlog is processed. The
 * limits are not zero, because a paused socket does not report that its client has disconnected, which ends a long poll.
 */
const MAX_BACKLOG_REQUESTS = 64;
const MAX_BACKLOG_BYTES = 4 * 1_048_576;

/** Handles the requests of one connection one at a time and in order, as the protocol requires. */
export function serveConnection(socket: Socket, dispatcher: Dispatcher): void {
  const connection = new Connection(socket, dispatcher);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => connection.close());
  socket.on('data', (chunk) => connection.receive(chunk));
}

class Connection {
  private readonly splitter = new FrameSplitter();
  private readonly backlog: Buffer[] = [];
  private backlogBytes = 0;
  private isProcessing = false;
  private readonly closed = new AbortController();
  private readonly peer: Peer;
  private readonly name: string;

  constructor(
    private readonly socket: Socket,
    private readonly dispatcher: Dispatcher,
  ) {
    this.peer = { host: `/${socket.remoteAddress}`, closed: this.closed.signal, pendingMembers: 0 };
    this.name = `${socket.remoteAddress}:${socket.remotePort}`;
  }

  close(): void {
    this.closed.abort();
  }

  receive(chunk: Buffer): void {
    try {
      for (const request of this.splitter.push(chunk)) {
        this.backlog.push(request);
        this.backlogBytes += request.length;
      }
    } catch (error) {
      return this.closeAfterError(error);
    }
    if (this.backlog.length > MAX_BACKLOG_REQUESTS || this.backlogBytes > MAX_BACKLOG_BYTES) {
      this.socket.pause();
    }
    if (!this.isProcessing) void this.processBacklog();
  }

  private async processBacklog(): Promise<void> {
    this.isProcessing = true;
    try {
      while (!this.closed.signal.aborted) {
        const next = this.backlog.shift();
        if (!next) return void this.socket.resume();
        this.backlogBytes -= next.length;
        const response = await this.dispatcher.dispatch(next, this.peer);
        if (!this.closed.signal.aborted) await this.send(response);
      }
    } catch (error) {
      this.closeAfterError(error);
    } finally {
      this.isProcessing = false;
    }
  }

  private async send(response: Buffer[]): Promise<void> {
    this.socket.cork();
    for (const buffer of response) this.socket.write(buffer);
    this.socket.uncork();
    if (this.socket.writableNeedDrain) await once(this.socket, 'drain', { signal: this.closed.signal });
  }

  /** Closes this connection only, after a request that breaks the protocol or fails in the broker. */
  private closeAfterError(reason: unknown): void {
    if (this.closed.signal.aborted) return;
    const message = reason instanceof Error ? reason.message : String(reason);
    process.stderr.write(`development broker: closed the connection of ${this.name}: ${message}\n`);
    this.socket.destroy();
    this.close();
  }
}

/** Kafka's own default (socket.request.max.bytes). */
const MAX_PRODUCE_BYTES = 104_857_600;
/** All other requests are short, and what those of groups contain stays in memory. */
const MAX_OTHER_BYTES = 1_048_576;
/** Key, version and correlation id of a request. */
const MIN_FRAME_BYTES = 8;
const LENGTH_BYTES = 4;
const KEY_END = 6;
const PRODUCE_KEY = 0;

/**
 * Splits the bytes of a connection into requests. It allocates nothing for bytes that have not arrived, whatever length a request
 * announces, and joins the chunks of a request once, so that a long request costs linear time.
 */
class FrameSplitter {
  private chunks: Buffer[] = [];
  private bufferedBytes = 0;
  private neededBytes = KEY_END;

  /**
   * @returns the requests that `chunk` completes, without their length prefix
   * @throws MalformedRequestError when a request announces an impossible length
   */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.bufferedBytes += chunk.length;
    const complete: Buffer[] = [];
    if (this.bufferedBytes < this.neededBytes) return complete;
    let bytes = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    this.neededBytes = KEY_END;
    while (bytes.length >= KEY_END) {
      const end = LENGTH_BYTES + announcedLength(bytes);
      if (bytes.length < end) {
        this.neededBytes = end;
        break;
      }
      complete.push(bytes.subarray(LENGTH_BYTES, end));
      bytes = bytes.subarray(end);
    }
    this.chunks = bytes.length > 0 ? [bytes] : [];
    this.bufferedBytes = bytes.length;
    return complete;
  }
}

function announcedLength(bytes: Buffer): number {
  const length = bytes.readInt32BE(0);
  const limit = bytes.readInt16BE(LENGTH_BYTES) === PRODUCE_KEY ? MAX_PRODUCE_BYTES : MAX_OTHER_BYTES;
  if (length < MIN_FRAME_BYTES || length > limit) {
    throw new MalformedRequestError(`a request announces ${length} bytes`);
  }
  return length;
}
