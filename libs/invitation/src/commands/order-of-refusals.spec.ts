import { describe, it } from '@jest/globals';
import { given } from '../../../../test/support/given.js';
import {
  AMAL,
  connected,
  declined,
  ignored,
  minute,
  restricted,
  send,
  sent,
  withdrawn,
} from '../../../../test/support/story.js';

const AT_LIMIT = { invitationLimit: 1 };
const INTERVAL = { followUpIntervalMs: 60 * 60_000 };
const UNAVAILABLE = { recipient: { available: false, emailMatches: false } };
const RIGHT_ADDRESS = { recipient: { available: false, emailMatches: true } };
const DECLINED_AND_WITHDRAWN = [sent(1), ignored(2), declined(3), withdrawn(4)];

/** docs/adr/0004: what inviters know of themselves first, what only the recipient did last (D1, D4). Each case lacks the reason of the one before. */
describe('the order of refusals of sendInvitation', () => {
  const everything = [...DECLINED_AND_WITHDRAWN, restricted(5), connected(6)];
  const policy = { ...AT_LIMIT, ...INTERVAL };

  it('refuses an invitation to oneself first (D8)', () => {
    given(...everything)
      .when(send(9, { recipientId: AMAL, ...UNAVAILABLE }), policy)
      .refused('INVALID_COMMAND');
  });

  it('refuses a restricted account second (R26, D7)', () => {
    given(...everything)
      .when(send(9, UNAVAILABLE), policy)
      .refused('ACCOUNT_RESTRICTED');
  });

  it('refuses an invitation to a connection third (D8)', () => {
    given(...DECLINED_AND_WITHDRAWN, connected(6))
      .when(send(9, UNAVAILABLE), policy)
      .refused('ALREADY_CONNECTED');
  });

  it('refuses beyond the limit fourth (R2, R35)', () => {
    given(...DECLINED_AND_WITHDRAWN)
      .when(send(9, UNAVAILABLE), policy)
      .refused('LIMIT_REACHED');
  });

  it('refuses a follow-up within the interval fifth (D2)', () => {
    given(...DECLINED_AND_WITHDRAWN)
      .when(send(9, UNAVAILABLE), INTERVAL)
      .refused('TOO_SOON');
  });

  it('refuses without the address sixth (R34)', () => {
    given(...DECLINED_AND_WITHDRAWN)
      .when(send(90, { ...UNAVAILABLE, at: minute(90) }), INTERVAL)
      .refused('EMAIL_REQUIRED');
  });

  it('refuses an unavailable recipient last (R25)', () => {
    given(...DECLINED_AND_WITHDRAWN)
      .when(send(90, { ...RIGHT_ADDRESS, at: minute(90) }), INTERVAL)
      .refused('RECIPIENT_UNAVAILABLE');
  });
});
