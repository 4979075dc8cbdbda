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
describe('where every reason holds at once, the refusal is', () => {
  const everything = [...DECLINED_AND_WITHDRAWN, restricted(5), connected(6)];
  const policy = { ...AT_LIMIT, ...INTERVAL };

  it('D8: first, that nobody invites themselves', () => {
    given(...everything)
      .when(send(9, { recipientId: AMAL, ...UNAVAILABLE }), policy)
      .refused('INVALID_COMMAND');
  });

  it('R26, D7: then, that the account is restricted', () => {
    given(...everything)
      .when(send(9, UNAVAILABLE), policy)
      .refused('ACCOUNT_RESTRICTED');
  });

  it('D8: then, that the two are connected', () => {
    given(...DECLINED_AND_WITHDRAWN, connected(6))
      .when(send(9, UNAVAILABLE), policy)
      .refused('ALREADY_CONNECTED');
  });

  it('R2, R35: then, that the limit is reached', () => {
    given(...DECLINED_AND_WITHDRAWN)
      .when(send(9, UNAVAILABLE), policy)
      .refused('LIMIT_REACHED');
  });

  it('D2: then, that it is too soon', () => {
    given(...DECLINED_AND_WITHDRAWN)
      .when(send(9, UNAVAILABLE), INTERVAL)
      .refused('TOO_SOON');
  });

  it('R34: then, that the address is required', () => {
    given(...DECLINED_AND_WITHDRAWN)
      .when(send(90, { ...UNAVAILABLE, at: minute(90) }), INTERVAL)
      .refused('EMAIL_REQUIRED');
  });

  it('R25: and last, that the recipient is unavailable', () => {
    given(...DECLINED_AND_WITHDRAWN)
      .when(send(90, { ...RIGHT_ADDRESS, at: minute(90) }), INTERVAL)
      .refused('RECIPIENT_UNAVAILABLE');
  });
});
