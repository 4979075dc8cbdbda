import { describe, expect, it } from '@jest/globals';
import { toIsoInstant } from './pool.js';

describe('toIsoInstant', () => {
  it.each([
    ['2026-01-05 09:00:00+00', '2026-01-05T09:00:00.000Z'],
    ['2026-01-05 09:00:00.1+00', '2026-01-05T09:00:00.100Z'],
    ['2026-01-05 09:00:00.123+00', '2026-01-05T09:00:00.123Z'],
    // Columns without a precision, and sessions with another time zone.
    ['2026-01-05 09:00:00.123456+00', '2026-01-05T09:00:00.123Z'],
    ['2026-01-05 09:00:00+05:30', '2026-01-05T03:30:00.000Z'],
  ])('converts %s', (text, instant) => {
    expect(toIsoInstant(text)).toBe(instant);
  });

  it('rejects an infinite instant, which ISO 8601 does not have', () => {
    expect(() => toIsoInstant('infinity')).toThrow(RangeError);
  });
});
