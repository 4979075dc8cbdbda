import { describe, expect, it } from '@jest/globals';
import type { Rate } from '../config/config-validators.js';
import { takeToken } from './token-bucket.js';

const SECOND = 1_000;
const NOON = Date.UTC(2026, 0, 1, 12);

/** Takes a token at each of the moments, in seconds after noon; says which were there, or after how long they would be. */
function given(rate: Rate) {
  return {
    when: (...seconds: number[]) => {
      let fullAt: number | undefined;
      return seconds.map((second) => {
        const taking = takeToken(rate, fullAt, NOON + second * SECOND);
        if (!taking.taken) return taking.retryAfterMs / SECOND;
        ({ fullAt } = taking);
        return 'taken';
      });
    },
  };
}

const threeAMinute = { count: 3, periodMs: 60 * SECOND };

describe('a bucket of three tokens a minute', () => {
  it('gives three tokens at once, and says when the fourth is there', () => {
    expect(given(threeAMinute).when(0, 0, 0, 0)).toEqual(['taken', 'taken', 'taken', 20]);
  });

  it('refills token by token', () => {
    expect(given(threeAMinute).when(0, 0, 0, 19, 20, 20)).toEqual([
      'taken',
      'taken',
      'taken',
      1,
      'taken',
      20,
    ]);
  });

  it('does not count refused takes', () => {
    expect(given(threeAMinute).when(0, 0, 0, 1, 2, 3, 20)).toEqual([
      'taken',
      'taken',
      'taken',
      19,
      18,
      17,
      'taken',
    ]);
  });

  it('never holds more than three tokens, however long it is unused', () => {
    expect(given(threeAMinute).when(0, 3600, 3600, 3600, 3600)).toEqual([
      'taken',
      'taken',
      'taken',
      'taken',
      20,
    ]);
  });

  it('gives no extra token to a clock that goes back', () => {
    expect(given(threeAMinute).when(0, 0, 0, -30)).toEqual(['taken', 'taken', 'taken', 50]);
  });
});

it.each([1, 7, 13, 997])('gives all of %i tokens, even if they do not divide the period', (count) => {
  const takings = given({ count, periodMs: 60 * SECOND }).when(...Array<number>(count + 1).fill(0));
  expect(takings.filter((one) => one === 'taken')).toHaveLength(count);
  expect(takings.at(-1)).toBeGreaterThan(0);
});
