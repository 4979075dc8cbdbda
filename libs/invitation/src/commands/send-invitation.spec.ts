import { describe, it } from '@jest/globals';
import { given } from '../../../../test/support/given.js';
import {
  accepted,
  AMAL,
  BILAL,
  declined,
  declinedBy,
  id,
  ignored,
  INVITATION,
  lifted,
  minute,
  replied,
  restricted,
  send,
  sent,
  withdrawn,
} from '../../../../test/support/story.js';

const RIGHT_ADDRESS = { recipient: { available: true, emailMatches: true } };

describe('sendInvitation', () => {
  it('sends an invitation whose id consists of the inviter and the command id (R5)', () => {
    given()
      .when(send(1, { message: 'Hello' }))
      .then(sent(1, { message: 'Hello', invitationId: `${AMAL}.${id(1)}` }));
  });

  it('changes nothing when the same command is repeated (D10)', () => {
    given(sent(1)).when(send(1)).thenNothing();
  });

  it('refuses an invitation to oneself (D8)', () => {
    given()
      .when(send(1, { recipientId: AMAL }))
      .refused('INVALID_COMMAND');
  });

  it('refuses an invitation to a connection (D8)', () => {
    given(sent(1), accepted(2)).when(send(3)).refused('ALREADY_CONNECTED');
  });

  describe('with an invitation limit', () => {
    it('counts invitations to all recipients, and allows the last one within the limit (R2)', () => {
      const other = sent(1, { recipientId: 'dalia' });
      given(other).when(send(2), { invitationLimit: 2 }).then(sent(2));
      given(other, sent(2))
        .when(send(3, { recipientId: 'emre' }), { invitationLimit: 2 })
        .refused('LIMIT_REACHED');
    });

    it('counts a withdrawn invitation (R35)', () => {
      given(sent(1), withdrawn(2))
        .when(send(3, RIGHT_ADDRESS), { invitationLimit: 1 })
        .refused('LIMIT_REACHED');
    });

    it('counts a follow-up (D2)', () => {
      given(sent(1), sent(2, { supersedes: INVITATION }))
        .when(send(3), { invitationLimit: 2 })
        .refused('LIMIT_REACHED');
    });
  });

  describe('with an open invitation to the same recipient', () => {
    it.each([
      ['untouched', []],
      ['ignored', [ignored(2)]],
      ['replied to', [replied(2)]],
    ])('supersedes an invitation that is %s (R21, D2)', (_what, since) => {
      given(sent(1), ...since)
        .when(send(3))
        .then(sent(3, { supersedes: INVITATION }));
    });

    it.each([
      ['untouched', []],
      ['ignored', [ignored(2)]],
      ['declined', [ignored(2), declined(3)]],
    ])('refuses within the follow-up interval when the first is %s (D2)', (_what, since) => {
      const policy = { followUpIntervalMs: 10 * 60_000 };
      given(sent(1), ...since)
        .when(send(9, { at: minute(10) }), policy)
        .refused('TOO_SOON');
    });

    it('accepts once the interval has passed (D2)', () => {
      given(sent(1))
        .when(send(9, { at: minute(11) }), { followUpIntervalMs: 10 * 60_000 })
        .then(sent(9, { at: minute(11), supersedes: INVITATION }));
    });
  });

  describe('after a decline', () => {
    it('refuses for ever, with a code that has other causes (R25, D4)', () => {
      given(sent(1), ignored(2), declined(3)).when(send(4)).refused('RECIPIENT_UNAVAILABLE');
      given()
        .when(send(1, { recipient: { available: false, emailMatches: false } }))
        .refused('RECIPIENT_UNAVAILABLE');
    });

    it('refuses also after a withdrawal and with the right address (D3)', () => {
      given(sent(1), ignored(2), declined(3), withdrawn(4))
        .when(send(5, RIGHT_ADDRESS))
        .refused('RECIPIENT_UNAVAILABLE');
    });

    it('accepts an invitation to another recipient (R25)', () => {
      given(...declinedBy('dalia', 1))
        .when(send(9))
        .then(sent(9));
    });
  });

  describe('after a withdrawal', () => {
    it('refuses without the right address (R34, D4)', () => {
      given(sent(1), withdrawn(2)).when(send(3)).refused('EMAIL_REQUIRED');
    });

    it('accepts with the right address, and supersedes nothing (R34)', () => {
      given(sent(1), withdrawn(2)).when(send(3, RIGHT_ADDRESS)).then(sent(3));
    });

    it('accepts the next follow-up without the address (R34)', () => {
      given(sent(1), withdrawn(2), sent(3))
        .when(send(4))
        .then(sent(4, { supersedes: `${AMAL}.${id(3)}` }));
    });

    it('refuses with the same code when the withdrawn invitation had been declined (D3)', () => {
      given(sent(1), ignored(2), declined(3), withdrawn(4)).when(send(5)).refused('EMAIL_REQUIRED');
    });
  });

  describe('by a restricted account', () => {
    it('refuses (R26)', () => {
      given(restricted(1)).when(send(2)).refused('ACCOUNT_RESTRICTED');
    });

    it('accepts once an operator has lifted the restriction (D7)', () => {
      given(restricted(1), lifted(2))
        .when(send(3, { recipientId: BILAL }))
        .then(sent(3));
    });
  });
});
