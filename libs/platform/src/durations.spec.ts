import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './config.js';
import { IsDuration, IsDurationOrNone, IsDurations, LONGEST_TIMEOUT, parseDurationMs } from './durations.js';

const HOUR = 3_600_000;

describe('parseDurationMs', () => {
  it.each([
    ['P7D', 7 * 24 * HOUR],
    ['P2W', 14 * 24 * HOUR],
    ['PT5S', 5_000],
    ['PT0.25S', 250],
    ['P1DT12H', 36 * HOUR],
    ['PT0S', 0],
  ])('converts %s to %d ms', (iso, ms) => {
    expect(parseDurationMs(iso)).toBe(ms);
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
  ])('rejects %j', (iso) => {
    expect(() => parseDurationMs(iso)).toThrow(RangeError);
  });
});

class Example {
  @IsDuration()
  AGE = 0;

  @IsDuration({ atLeast: 'PT1S', atMost: LONGEST_TIMEOUT })
  TIMEOUT = 1_000;

  @IsDurationOrNone()
  EXPIRY = 0;

  @IsDurations()
  REMINDERS: readonly number[] = [];
}

describe('variables with durations', () => {
  it('are milliseconds', () => {
    const env = { AGE: 'P36500D', TIMEOUT: 'P1D', EXPIRY: 'none', REMINDERS: 'PT1S, P1D' };
    expect(loadConfig(Example, env)).toEqual({
      AGE: 36_500 * 24 * HOUR,
      TIMEOUT: 24 * HOUR,
      EXPIRY: 0,
      REMINDERS: [1_000, 24 * HOUR],
    });
  });

  // Node's timers end at once after more than 24.8 days, and no date is later than the year 275760.
  it.each([
    [{ AGE: 'P36501D' }, 'AGE must be an ISO 8601 duration of at most P36500D, e.g. P7D or PT5S'],
    [{ AGE: '5' }, 'AGE must be an ISO 8601 duration of at most P36500D, e.g. P7D or PT5S'],
    [
      { TIMEOUT: 'P30D' },
      'TIMEOUT must be an ISO 8601 duration of at least PT1S and at most P1D, e.g. P7D or PT5S',
    ],
    [
      { TIMEOUT: 'PT0S' },
      'TIMEOUT must be an ISO 8601 duration of at least PT1S and at most P1D, e.g. P7D or PT5S',
    ],
    [
      { EXPIRY: 'P9999999999D' },
      'EXPIRY must be an ISO 8601 duration of at most P36500D, e.g. P180D, or none',
    ],
    ...['P7D,P9999999999D', 'P7D,P7D', 'P7D,'].map((REMINDERS): [NodeJS.ProcessEnv, string] => [
      { REMINDERS },
      'REMINDERS must be ascending ISO 8601 durations of at most P36500D, e.g. P7D,P14D,P21D, or none',
    ]),
  ])('are rejected: %j', (env, problem) => {
    expect(() => loadConfig(Example, env)).toThrow(new Error(`invalid configuration: ${problem}`));
  });
});
