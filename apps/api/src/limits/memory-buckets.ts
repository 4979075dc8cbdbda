import { LRUCache } from 'lru-cache';
import { take, type Rate } from './bucket.js';

/** Who floods from more addresses than that is met elsewhere; the memory of one instance is not theirs to fill. */
const MOST = 100_000;

/** The buckets of this instance alone. */
export class MemoryBuckets {
  private readonly fullAt = new LRUCache<string, number>({ max: MOST });

  constructor(private readonly rate: Rate | undefined) {}

  /** @returns undefined when a token was taken, else how long until there is one, in milliseconds */
  take(name: string, nowMs: number): number | undefined {
    if (this.rate === undefined) return undefined;
    const taking = take(this.rate, this.fullAt.get(name), nowMs);
    if (!taking.taken) return taking.retryAfterMs;
    this.fullAt.set(name, taking.fullAt);
    return undefined;
  }
}
