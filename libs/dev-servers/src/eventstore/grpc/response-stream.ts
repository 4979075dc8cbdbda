import type { ServerWritableStream } from '@grpc/grpc-js';

/** A filter that matches nothing must not block the event loop, so a reader yields after skipping this many events. */
const EVENTS_PER_TURN = 4096;

/** The responses of a streaming call, written only as fast as the client reads them. */
export class ResponseStream {
  readonly #call: ServerWritableStream<unknown, Buffer>;
  readonly #onFlushed = () => void this.#flushed++;
  #flushed = 0;
  #skipped = 0;
  #isWoken = false;
  #resume: () => void = () => undefined;
  #isClosed = false;

  constructor(call: ServerWritableStream<unknown, Buffer>) {
    this.#call = call;
    const close = () => {
      this.#isClosed = true;
      this.wake();
    };
    call.on('cancelled', close);
    call.on('error', close);
    call.on('close', close);
    call.on('drain', () => this.wake());
  }

  /** The client has disconnected, or the call has ended in another way. */
  get isClosed(): boolean {
    return this.#isClosed || this.#call.cancelled;
  }

  /** Whether a message can be written without buffering more for a client that reads slowly. */
  get isWritable(): boolean {
    return !this.#call.writableNeedDrain;
  }

  /** Writes a message even if the stream is not writable: it is buffered then. */
  write(message: Buffer): void {
    if (!this.isClosed) this.#call.write(message, this.#onFlushed);
  }

  /** Writes a message. Settles when the stream is writable again or closed. */
  async send(message: Buffer): Promise<void> {
    this.write(message);
    while (!this.isWritable && !this.isClosed) await this.wait();
  }

  /** To be called for each event that is examined and not sent. */
  async yieldToEventLoop(): Promise<void> {
    if (++this.#skipped % EVENTS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Settles at the next `wake` or drain; at once when there was one since the last wait, or when the stream is closed. */
  async wait(): Promise<void> {
    if (!this.#isWoken && !this.isClosed) await new Promise<void>((resolve) => (this.#resume = resolve));
    this.#isWoken = false;
  }

  /** Waits at most `withinMs` until the stream is writable. @returns false when the client took nothing in that time */
  async makesProgress(withinMs: number): Promise<boolean> {
    const flushed = this.#flushed;
    const time = { isOver: false };
    // However late the timer fires, input that has arrived meanwhile is handled first.
    const end = () => setImmediate(() => ((time.isOver = true), this.wake()));
    const timer = setTimeout(end, withinMs);
    while (!this.isWritable && !this.isClosed && !time.isOver) await this.wait();
    clearTimeout(timer);
    return this.isWritable || this.isClosed || this.#flushed > flushed;
  }

  /** Ends the present `wait`, or the next one. */
  wake(): void {
    this.#isWoken = true;
    this.#resume();
  }
}
