import { expect, it } from '@jest/globals';
import { DEFAULT_POLICY } from '#libs/invitation';

const DAY_MS = 86_400_000;

it('DEFAULT_POLICY has the defaults of the rules (D2, D6, D7, D22)', () => {
  expect(DEFAULT_POLICY).toEqual({
    invitationLimit: 3000,
    restrictAfterDeclines: 5,
    followUpIntervalMs: 0,
    remindersMs: [7 * DAY_MS, 14 * DAY_MS, 21 * DAY_MS],
    invitationExpiryMs: 0,
    reminderValidityMs: 2 * DAY_MS,
  });
});
