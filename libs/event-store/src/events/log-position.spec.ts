import { describe, expect, it } from '@jest/globals';
import { isAfter, lowestPosition } from './raw-event.js';

const at = (commit: bigint, prepare = commit) => ({ commit, prepare });
/** The first that a double cannot tell from its neighbour. */
const LARGE = 2n ** 53n;

describe('isAfter and lowestPosition', () => {
  it.each([
    [at(2n), at(1n), true],
    [at(1n), at(2n), false],
    [at(1n), at(1n), false],
    [at(5n, 4n), at(5n, 3n), true],
    [at(5n, 3n), at(5n, 4n), false],
    [at(LARGE + 1n), at(LARGE), true],
    [at(0n), undefined, true],
  ])('return whether %o is after %o: %s', (position, other, expected) => {
    expect(isAfter(position, other)).toBe(expected);
  });

  it('return the lowest position, or undefined if one is undefined', () => {
    expect(lowestPosition([at(3n), at(2n), at(4n)])).toEqual(at(2n));
    expect(lowestPosition([at(3n), undefined])).toBeUndefined();
    expect(lowestPosition([undefined, at(3n)])).toBeUndefined();
    expect(lowestPosition([])).toBeUndefined();
  });
});
