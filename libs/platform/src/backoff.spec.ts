import { describe, expect, it } from '@jest/globals';
import { Backoff } from './backoff.js';

describe('Backoff', () => {
  it('doubles the delay up to the maximum, and starts again after a success', () => {
    const backoff = new Backoff(100, 1_000, () => 1);
    expect([1, 2, 3, 4, 5, 6].map(() => backoff.next())).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    backoff.reset();
    expect(backoff.next()).toBe(100);
  });

  it('waits at least half of the doubled delay, so that clients spread', () => {
    const backoff = new Backoff(100, 1_000, () => 0);
    expect([backoff.next(), backoff.next()]).toEqual([50, 100]);
  });

  it('stays at the maximum after many failures', () => {
    const backoff = new Backoff(100, 1_000, () => 1);
    for (let attempt = 0; attempt < 5_000; attempt += 1) backoff.next();
    expect(backoff.next()).toBe(1_000);
  });

  it('returns early, without an error, when the signal aborts', async () => {
    const stopping = new AbortController();
    const waiting = new Backoff(60_000, 60_000).wait(stopping.signal);
    stopping.abort();
    await expect(waiting).resolves.toBeUndefined();
    await expect(new Backoff(60_000, 60_000).wait(stopping.signal)).resolves.toBeUndefined();
  });
});
