import { describe, expect, it } from '@jest/globals';
import { shareOf } from './share.js';

const replicas = (count: number) => Array.from({ length: count }, (_, n) => `replica-${n}`);

describe('the share of a replica', () => {
  it.each([1, 2, 3, 4, 5, 8, 63, 64, 65, 100])('of %d is even, and all slices are shared out', (count) => {
    const live = replicas(count);
    const shares = live.map((replica) => shareOf(live, replica, 64));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(64);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
  });

  it('does not depend on the order in which they are told', () => {
    const live = replicas(5);
    for (const replica of live) {
      expect(shareOf(live.toReversed(), replica, 64)).toBe(shareOf(live, replica, 64));
    }
  });

  it('is nothing for one that is not among them', () => {
    expect(shareOf(replicas(2), 'stranger', 64)).toBe(0);
  });
});
