import type { ServerWritableStream } from '@grpc/grpc-js';

/** Events that are passed over without a pause; a filter that matches nothing must not hold up everyone else. */
const BREATH = 4096;

/** The answering side of a call, which takes no more than the client reads. */
export class Outlet {
  readonly #call: ServerWritableStream<unknown, Buffer>;
  #passedOver = 0;
  #wake: () => void = () => undefined;
  #isClosed = false;

  constructor(call: ServerWritableStream<unknown, Buffer>) {
    this.#call = call;
    const close = () => {
      this.#isClosed = true;
      this.#wake();
    };
    call.on('cancelled', close);
    call.on('error', close);
    call.on('close', close);
    call.on('drain', () => this.#wake());
  }

  /** The client is gone, or the call is over otherwise. */
  get isClosed(): boolean {
    return this.#isClosed || this.#call.cancelled;
  }

  /** Settles when the next message may be sent, or nothing may any more. */
  async send(message: Buffer): Promise<void> {
    if (this.isClosed || this.#call.write(message)) return;
    await this.wait();
  }

  /** For each event that is looked at but not sent. */
  async breathe(): Promise<void> {
    if (++this.#passedOver % BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Settles at the next wake-up. */
  async wait(): Promise<void> {
    if (this.isClosed) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Ends a wait, that for the client excepted. */
  wake(): void {
    if (!this.#call.writableNeedDrain) this.#wake();
  }
}
