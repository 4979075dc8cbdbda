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

describe('accepting an invitation', () => {
  it.each([
    ['R10: in the inbox', []],
    ['D5: in the archive', [ignored(2)]],
    ['R18: after a reply', [replied(2)]],
  ])('%s', (_where, since) => {
    given(sent(1), ...since)
      .when(accept(3))
      .then(accepted(3));
  });

  it('R11: by the link in the e-mail is the same', () => {
    given(sent(1))
      .when(accept(3, { via: 'email' }))
      .then(accepted(3, 'email'));
  });

  it('D10: the same command again has no second effect', () => {
    given(sent(1), accepted(3)).when(accept(3)).thenNothing();
  });

  it('is answered once', () => {
    given(sent(1), accepted(2)).when(accept(3)).refused('ALREADY_ANSWERED');
    given(sent(1), ignored(2), declined(3)).when(accept(4)).refused('ALREADY_ANSWERED');
  });

  it('D2, R32: what was superseded or withdrawn is open no longer', () => {
    given(sent(1), sent(2, { supersedes: INVITATION }))
      .when(accept(3))
      .refused('NOT_OPEN');
    given(sent(1), withdrawn(2)).when(accept(3)).refused('NOT_OPEN');
  });

  it('D11: is for the recipient; the inviter is told so, a stranger learns nothing (D4)', () => {
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
