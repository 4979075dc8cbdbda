import { setTimeout as sleep } from 'node:timers/promises';

/** Waiting times that double from `firstMs` to `maxMs`, with jitter so that many waiters do not come back at once. */
export class Backoff {
  private attempt = 0;

  constructor(
    private readonly firstMs = 100,
    private readonly maxMs = 10_000,
    private readonly random: () => number = Math.random,
  ) {}

  /** The next waiting time, in milliseconds: between half and all of the doubled one. */
  next(): number {
    const full = Math.min(this.maxMs, this.firstMs * 2 ** this.attempt);
    this.attempt += 1;
    return full * (0.5 + this.random() / 2);
  }

  /** After a success the next failure is a first one. */
  reset(): void {
    this.attempt = 0;
  }

  /** Waits for `next()`; ends early, without a throw, when the signal aborts. */
  async wait(signal?: AbortSignal): Promise<void> {
    await sleep(this.next(), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}
