import { describe, expect, it } from '@jest/globals';
import { waitMs } from './times.js';

describe('the wait before another attempt', () => {
  it('doubles up to the longest', () => {
    const waits = [0, 1, 2, 3, 1_000].map((attempts) => waitMs(attempts, 100, 500, () => 1));
    expect(waits).toEqual([100, 200, 400, 500, 500]);
  });

  it('is never less than half of that', () => {
    expect(waitMs(1, 100, 500, () => 0)).toBe(100);
  });
});
