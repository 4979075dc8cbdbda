import { describe, expect, it } from '@jest/globals';
import { durationMs } from './duration.js';

const HOUR = 3_600_000;

describe('durations', () => {
  it.each([
    ['P7D', 7 * 24 * HOUR],
    ['P2W', 14 * 24 * HOUR],
    ['PT5S', 5_000],
    ['PT0.25S', 250],
    ['P1DT12H', 36 * HOUR],
    ['PT0S', 0],
  ])('%s are %d ms', (iso, ms) => {
    expect(durationMs(iso)).toBe(ms);
  });

  it.each([
    'P1M',
    'P1Y',
    'P1Y7D',
    '-P7D',
    'P-7D',
    'PT1H-30M',
    'P',
    'PT',
    '',
    '7',
    '7d',
    'p7d',
    ' P7D',
    'P7D;',
  ])('refuses %j', (iso) => {
    expect(() => durationMs(iso)).toThrow(RangeError);
  });
});
