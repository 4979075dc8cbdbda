import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Peer } from '../protocol/api.js';
import type { Dispatcher } from './dispatcher.js';
import { Frames } from './frames.js';

/**
 * What a connection may send ahead of its replies. Beyond it the socket is not read until the backlog is worked off.
 * It is not zero because a socket that is not read does not tell that its client is gone, which a long poll must know.
 */
const MAX_BACKLOG_REQUESTS = 64;
const MAX_BACKLOG_BYTES = 4 * 1_048_576;

/** Answers the requests of one connection one at a time and in order, as the protocol demands. */
export function serveConnection(socket: Socket, dispatcher: Dispatcher): void {
  const connection = new Connection(socket, dispatcher);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => connection.end());
  socket.on('data', (chunk) => connection.receive(chunk));
}

class Connection {
  private readonly frames = new Frames();
  private readonly backlog: Buffer[] = [];
  private backlogBytes = 0;
  private busy = false;
  private readonly gone = new AbortController();
  private readonly peer: Peer;
  private readonly name: string;

  constructor(
    private readonly socket: Socket,
    private readonly dispatcher: Dispatcher,
  ) {
    this.peer = { host: `/${socket.remoteAddress}`, closed: this.gone.signal, pendingMembers: 0 };
    this.name = `${socket.remoteAddress}:${socket.remotePort}`;
  }

  end(): void {
    this.gone.abort();
  }

  receive(chunk: Buffer): void {
    try {
      for (const request of this.frames.push(chunk)) {
        this.backlog.push(request);
        this.backlogBytes += request.length;
      }
    } catch (error) {
      return this.giveUp(error);
    }
    if (this.backlog.length > MAX_BACKLOG_REQUESTS || this.backlogBytes > MAX_BACKLOG_BYTES) {
      this.socket.pause();
    }
    if (!this.busy) void this.work();
  }

  private async work(): Promise<void> {
    this.busy = true;
    try {
      while (!this.gone.signal.aborted) {
        const next = this.backlog.shift();
        if (!next) return void this.socket.resume();
        this.backlogBytes -= next.length;
        const reply = await this.dispatcher.answer(next, this.peer);
        if (!this.gone.signal.aborted) await this.send(reply);
      }
    } catch (error) {
      this.giveUp(error);
    } finally {
      this.busy = false;
    }
  }

  private async send(reply: Buffer[]): Promise<void> {
    this.socket.cork();
    for (const piece of reply) this.socket.write(piece);
    this.socket.uncork();
    if (this.socket.writableNeedDrain) await once(this.socket, 'drain', { signal: this.gone.signal });
  }

  /** A client that breaks the protocol loses its connection, as a request that fails here does; others go on. */
  private giveUp(reason: unknown): void {
    if (this.gone.signal.aborted) return;
    const why = reason instanceof Error ? reason.message : String(reason);
    process.stderr.write(`development broker: closed the connection of ${this.name}: ${why}\n`);
    this.socket.destroy();
    this.end();
  }
}
