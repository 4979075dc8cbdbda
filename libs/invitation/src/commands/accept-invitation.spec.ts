import { describe, it } from '@jest/globals';
import { given } from '../../../../test/support/given.js';
import {
  accept,
  accepted,
  AMAL,
  declined,
  id,
  ignored,
  INVITATION,
  replied,
  sent,
  STRANGER,
  withdrawn,
} from '../../../../test/support/story.js';

describe('acceptInvitation', () => {
  it.each([
    ['in the inbox (R10)', []],
    ['in the archive (D5)', [ignored(2)]],
    ['after a reply (R18)', [replied(2)]],
    ['in the archive after a reply (D17)', [replied(2), ignored(2)]],
  ])('accepts an invitation %s', (_where, since) => {
    given(sent(1), ...since)
      .when(accept(3))
      .then(accepted(3));
  });

  it('accepts by the link in the e-mail with the same result (R11)', () => {
    given(sent(1))
      .when(accept(3, { via: 'email' }))
      .then(accepted(3, 'email'));
  });

  it('changes nothing when the same command is repeated (D10)', () => {
    given(sent(1), accepted(3)).when(accept(3)).thenNothing();
  });

  it('refuses after another answer', () => {
    given(sent(1), accepted(2)).when(accept(3)).refused('ALREADY_ANSWERED');
    given(sent(1), ignored(2), declined(3)).when(accept(4)).refused('ALREADY_ANSWERED');
  });

  it('refuses an invitation that was superseded or withdrawn (D2, R32)', () => {
    given(sent(1), sent(2, { supersedes: INVITATION }))
      .when(accept(3))
      .refused('NOT_OPEN');
    given(sent(1), withdrawn(2)).when(accept(3)).refused('NOT_OPEN');
  });

  it('refuses the inviter as not theirs, and a stranger as not found (D11, D4)', () => {
    given(sent(1))
      .when(accept(2, { actorId: AMAL }))
      .refused('NOT_YOURS');
    given(sent(1))
      .when(accept(2, { actorId: STRANGER }))
      .refused('NOT_FOUND');
    given()
      .when(accept(2, { invitationId: `${AMAL}.${id(9)}`, actorId: AMAL }))
      .refused('NOT_FOUND');
  });
});
