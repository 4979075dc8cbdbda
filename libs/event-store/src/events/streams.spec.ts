import { describe, expect, it } from '@jest/globals';
import { SLICES, sliceOf, streamOf } from './raw-event.js';

describe('sliceOf', () => {
  // Stored streams are named by them: another answer for any of these would split an account in two.
  it.each([
    ['amal', '3f'],
    ['bilal', '2e'],
    ['A', '15'],
    ['a', '0a'],
    ['0', '1f'],
    ['_-', '00'],
    ['m'.repeat(64), '15'],
  ])('never changes a slice: %s is in %s', (accountId, slice) => {
    expect(sliceOf(accountId)).toBe(slice);
    expect(streamOf(accountId)).toBe(`account-${slice}-${accountId}`);
  });

  it('returns two hex digits from 00 to 3f, and spreads the accounts evenly', () => {
    const counts = new Map<string, number>();
    const accounts = 64_000;
    for (let n = 0; n < accounts; n += 1) {
      const slice = sliceOf(`member-${n}`);
      counts.set(slice, (counts.get(slice) ?? 0) + 1);
    }
    const expected = Array.from({ length: SLICES }, (_, n) => n.toString(16).padStart(2, '0'));
    expect([...counts.keys()].toSorted()).toEqual(expected);
    // Five standard deviations.
    const spread = 5 * Math.sqrt(accounts / SLICES);
    for (const count of counts.values()) expect(Math.abs(count - accounts / SLICES)).toBeLessThan(spread);
  });
});
