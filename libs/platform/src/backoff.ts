import { setTimeout as sleep } from 'node:timers/promises';

/** Delays that double from `firstMs` to `maxMs`, with jitter, so that many clients do not retry at the same moment. */
export class Backoff {
  private attempt = 0;

  constructor(
    private readonly firstMs = 100,
    private readonly maxMs = 10_000,
    private readonly random: () => number = Math.random,
  ) {}

  /** The next delay in milliseconds: between half of the doubled delay and all of it. */
  next(): number {
    const full = Math.min(this.maxMs, this.firstMs * 2 ** this.attempt);
    this.attempt += 1;
    return full * (0.5 + this.random() / 2);
  }

  /** Starts with the first delay again. To be called after a success. */
  reset(): void {
    this.attempt = 0;
  }

  /** Waits for the next delay. Returns early, without an error, when the signal aborts. */
  async wait(signal?: AbortSignal): Promise<void> {
    await sleep(this.next(), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}
