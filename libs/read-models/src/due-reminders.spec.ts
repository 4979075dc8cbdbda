import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY } from '#libs/invitation';
import { dueWindows } from './index.js';

const DAY = 24 * 60 * 60 * 1000;

/** Which reminders would be asked for, of an invitation that old and reminded of so far. */
const asked = (days: number, reminded: number, policy: Partial<typeof DEFAULT_POLICY> = {}) =>
  dueWindows({ ...DEFAULT_POLICY, ...policy })
    .filter((one) => one.reminded === reminded && one.fromMs <= days * DAY && days * DAY <= one.toMs)
    .map(({ ordinal }) => ordinal);

describe('dueWindows', () => {
  it.each([
    [0, 0, []],
    [6.999, 0, []],
    [7, 0, [1]],
    [9, 0, [1]],
    [9.001, 0, []],
    [7, 1, []],
    [14, 1, [2]],
    [14, 2, []],
    [21.5, 2, [3]],
    [22, 3, []],
    [400, 0, []],
  ])('returns after %d days and reminder %d: %j (D6)', (days, reminded, expected) => {
    expect(asked(days, reminded)).toEqual(expected);
  });

  it('returns only the latest reminder after an outage (D6)', () => {
    expect(asked(14.5, 0)).toEqual([2]);
    expect(asked(22, 0)).toEqual([3]);
    const always = { reminderValidityMs: 365 * DAY };
    expect(asked(13, 0, always)).toEqual([1]);
    expect(asked(14, 0, always)).toEqual([2]);
    expect(asked(60, 0, always)).toEqual([3]);
    expect(asked(60, 2, always)).toEqual([3]);
  });

  it('returns at most one reminder, whatever the age, the schedule and the validity (D6)', () => {
    for (const days of [0.5, 2, 30])
      for (let hour = 0; hour < 24 * 40; hour += 1)
        for (const reminded of [0, 1, 2, 3])
          expect(asked(hour / 24, reminded, { reminderValidityMs: days * DAY }).length).toBeLessThanOrEqual(
            1,
          );
  });

  it('follows a changed schedule, and does not catch up reminders that it has added in the past', () => {
    const shorter = { remindersMs: [1 * DAY, 3 * DAY] };
    expect(asked(3, 0, shorter)).toEqual([2]);
    expect(asked(8, 1, shorter)).toEqual([]);
    const longer = { remindersMs: [7 * DAY, 14 * DAY, 21 * DAY, 28 * DAY] };
    expect(asked(28, 3, longer)).toEqual([4]);
    expect(asked(60, 3, longer)).toEqual([]);
  });

  it('returns none without a schedule or without a validity', () => {
    expect(dueWindows({ ...DEFAULT_POLICY, remindersMs: [] })).toEqual([]);
    expect(asked(7.001, 0, { reminderValidityMs: 0 })).toEqual([]);
  });
});
