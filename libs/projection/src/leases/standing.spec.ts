import { describe, expect, it } from '@jest/globals';
import type { Standing } from './leases.js';
import type { Held } from './seat.js';
import { isOutdated, missing, surplus } from './standing.js';

const ME = 'b';
const epochs = (count: number, epoch = 1n) =>
  new Map(Array.from({ length: count }, (_, slice) => [slice, epoch] as const));
const standing = (change: Partial<Standing> = {}): Standing => ({
  shown: 1,
  live: ['a', ME],
  mine: epochs(32),
  free: 0,
  isWanted: false,
  ...change,
});
const held: Held = new Map(
  [...epochs(32)].map(([slice, epoch]) => [slice, { slice, epoch, position: undefined }]),
);

describe('a replica among others', () => {
  it.each([
    ['takes what it lacks', { mine: epochs(10), free: 40 }, 22],
    ['takes no more than is free', { mine: epochs(10), free: 4 }, 4],
    ['takes all when it is alone', { live: [ME], mine: epochs(0), free: 64 }, 64],
    ['takes nothing when it has its share', { free: 10 }, 0],
    ['takes nothing when it has more', { mine: epochs(64), free: 10 }, 0],
    ['takes nothing when the others do not see it', { live: ['a'], mine: epochs(0), free: 64 }, 0],
  ])('%s', (_what, change, expected) => {
    expect(missing(standing(change), ME)).toBe(expected);
  });

  it('gives away what is beyond its share', () => {
    expect(surplus(standing(), ME)).toEqual([]);
    expect(surplus(standing({ mine: epochs(34) }), ME)).toEqual([32, 33]);
    expect(surplus(standing({ live: ['a', ME, 'c'] }), ME)).toHaveLength(11);
  });

  it.each<[string, Partial<Standing>, boolean]>([
    ['goes on while nothing changes', {}, false],
    ['goes on while slices are free that are not its to take', { free: 10 }, false],
    ['looks again when another joins', { live: ['a', ME, 'c'] }, true],
    ['looks again when it has got slices', { live: [ME], mine: epochs(64) }, true],
    ['looks again when a slice was taken from it', { mine: epochs(31) }, true],
    ['looks again when a slice was taken from it and it has got it back', { mine: epochs(32, 2n) }, true],
    ['looks again when an operator wants something', { isWanted: true }, true],
  ])('%s', (_what, change, expected) => {
    expect(isOutdated(standing(change), ME, held)).toBe(expected);
  });
});
