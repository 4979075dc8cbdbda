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

describe('sending an invitation', () => {
  it('R5: opens an invitation, which is named by its inviter and its command', () => {
    given()
      .when(send(1, { message: 'Hello' }))
      .then(sent(1, { message: 'Hello', invitationId: `${AMAL}.${id(1)}` }));
  });

  it('D10: the same command again has no second effect', () => {
    given(sent(1)).when(send(1)).thenNothing();
  });

  it('D8: nobody invites themselves', () => {
    given()
      .when(send(1, { recipientId: AMAL }))
      .refused('INVALID_COMMAND');
  });

  it('D8: a connection needs no invitation', () => {
    given(sent(1), accepted(2)).when(send(3)).refused('ALREADY_CONNECTED');
  });

  describe('the limit', () => {
    it('R2: is in total, and the last one below it goes through', () => {
      const other = sent(1, { recipientId: 'dalia' });
      given(other).when(send(2), { invitationLimit: 2 }).then(sent(2));
      given(other, sent(2))
        .when(send(3, { recipientId: 'emre' }), { invitationLimit: 2 })
        .refused('LIMIT_REACHED');
    });

    it('R35: gets nothing back from a withdrawal', () => {
      given(sent(1), withdrawn(2))
        .when(send(3, RIGHT_ADDRESS), { invitationLimit: 1 })
        .refused('LIMIT_REACHED');
    });

    it('D2: a follow-up is charged like any other', () => {
      given(sent(1), sent(2, { supersedes: INVITATION }))
        .when(send(3), { invitationLimit: 2 })
        .refused('LIMIT_REACHED');
    });
  });

  describe('a follow-up', () => {
    it.each([
      ['untouched', []],
      ['ignored', [ignored(2)]],
      ['replied to', [replied(2)]],
    ])('R21, D2: supersedes an invitation that is %s', (_what, since) => {
      given(sent(1), ...since)
        .when(send(3))
        .then(sent(3, { supersedes: INVITATION }));
    });

    it.each([
      ['untouched', []],
      ['ignored', [ignored(2)]],
      ['declined', [ignored(2), declined(3)]],
    ])('D2: waits for the least interval alike when the first is %s', (_what, since) => {
      const policy = { followUpIntervalMs: 10 * 60_000 };
      given(sent(1), ...since)
        .when(send(9, { at: minute(10) }), policy)
        .refused('TOO_SOON');
    });

    it('D2: goes through once the interval is over', () => {
      given(sent(1))
        .when(send(9, { at: minute(11) }), { followUpIntervalMs: 10 * 60_000 })
        .then(sent(9, { at: minute(11), supersedes: INVITATION }));
    });
  });

  describe('after a decline', () => {
    it('R25: is barred for ever, with a code that has other causes (D4)', () => {
      given(sent(1), ignored(2), declined(3)).when(send(4)).refused('RECIPIENT_UNAVAILABLE');
      given()
        .when(send(1, { recipient: { available: false, emailMatches: false } }))
        .refused('RECIPIENT_UNAVAILABLE');
    });

    it('D3: stays barred although the invitation was withdrawn, and the address is right', () => {
      given(sent(1), ignored(2), declined(3), withdrawn(4))
        .when(send(5, RIGHT_ADDRESS))
        .refused('RECIPIENT_UNAVAILABLE');
    });

    it('R25: bars that one recipient only', () => {
      given(...declinedBy('dalia', 1))
        .when(send(9))
        .then(sent(9));
    });
  });

  describe('after a withdrawal', () => {
    it('R34, D4: needs the address; missing and wrong answer alike', () => {
      given(sent(1), withdrawn(2)).when(send(3)).refused('EMAIL_REQUIRED');
    });

    it('R34: goes through with it, and supersedes nothing', () => {
      given(sent(1), withdrawn(2)).when(send(3, RIGHT_ADDRESS)).then(sent(3));
    });

    it('R34: needs no address a second time', () => {
      given(sent(1), withdrawn(2), sent(3))
        .when(send(4))
        .then(sent(4, { supersedes: `${AMAL}.${id(3)}` }));
    });

    it('D3: answers alike when the withdrawn one had been declined', () => {
      given(sent(1), ignored(2), declined(3), withdrawn(4)).when(send(5)).refused('EMAIL_REQUIRED');
    });
  });

  describe('a restricted account', () => {
    it('R26: sends nothing', () => {
      given(restricted(1)).when(send(2)).refused('ACCOUNT_RESTRICTED');
    });

    it('D7: sends again once an operator has lifted it', () => {
      given(restricted(1), lifted(2))
        .when(send(3, { recipientId: BILAL }))
        .then(sent(3));
    });
  });
});
