import { describe, expect, it } from '@jest/globals';
import { evolve, initialState } from '#libs/invitation';
import { given } from '../../../../test/support/given.js';
import {
  accept,
  accepted,
  act,
  AMAL,
  declined,
  declinedBy,
  ignored,
  INVITATION,
  lifted,
  replied,
  restored,
  restricted,
  send,
  sent,
  STRANGER,
  withdrawn,
} from '../../../../test/support/story.js';

const reply = (n: number) => ({ ...act('ReplyToInvitation', n), message: 'Who are you?' }) as const;

describe('replyToInvitation', () => {
  it('replies to an invitation in the inbox and in the archive (R15, D5)', () => {
    given(sent(1)).when(reply(2)).then(replied(2));
    given(sent(1), ignored(2)).when(reply(3)).then(replied(3));
  });

  it('refuses a second reply, so that no ignore in between shows (D1, D17)', () => {
    given(sent(1), replied(2)).when(reply(3)).refused('ALREADY_ANSWERED');
    given(sent(1), replied(2), ignored(3)).when(reply(4)).refused('ALREADY_ANSWERED');
    given(sent(1), ignored(2), replied(3)).when(reply(4)).refused('ALREADY_ANSWERED');
  });

  it('refuses after another answer, and after a withdrawal', () => {
    given(sent(1), accepted(2)).when(reply(3)).refused('ALREADY_ANSWERED');
    given(sent(1), withdrawn(2)).when(reply(3)).refused('NOT_OPEN');
  });
});

describe('ignoreInvitation', () => {
  it('ignores an untouched invitation (R19)', () => {
    given(sent(1)).when(act('IgnoreInvitation', 2)).then(ignored(2));
  });

  it('ignores an invitation that was replied to (D17)', () => {
    given(sent(1), replied(2)).when(act('IgnoreInvitation', 3)).then(ignored(3));
  });

  it('refuses for an invitation that is in the archive or not open', () => {
    given(sent(1), ignored(2), replied(3)).when(act('IgnoreInvitation', 4)).refused('ALREADY_ANSWERED');
    given(sent(1), ignored(2)).when(act('IgnoreInvitation', 3)).refused('ALREADY_ANSWERED');
    given(sent(1), accepted(2)).when(act('IgnoreInvitation', 3)).refused('ALREADY_ANSWERED');
    given(sent(1), sent(2, { supersedes: INVITATION }))
      .when(act('IgnoreInvitation', 3))
      .refused('NOT_OPEN');
  });
});

describe('restoreInvitation', () => {
  const restore = (n: number) => act('RestoreInvitation', n);

  it('restores an ignored invitation, with a reply or without, as often as it was ignored (D20)', () => {
    given(sent(1), ignored(2)).when(restore(3)).then(restored(3));
    given(sent(1), replied(2), ignored(3)).when(restore(4)).then(restored(4));
    given(sent(1), ignored(2), replied(3)).when(restore(4)).then(restored(4));
    given(sent(1), ignored(2), restored(3), ignored(4)).when(restore(5)).then(restored(5));
  });

  it('refuses for an invitation that is not in the archive (D20)', () => {
    given(sent(1)).when(restore(2)).refused('NOT_IGNORED');
    given(sent(1), replied(2)).when(restore(3)).refused('NOT_IGNORED');
    given(sent(1), ignored(2), restored(3)).when(restore(4)).refused('NOT_IGNORED');
  });

  it('refuses after a decline and after an acceptance (D20)', () => {
    given(sent(1), ignored(2), declined(3)).when(restore(4)).refused('ALREADY_ANSWERED');
    given(sent(1), ignored(2), accepted(3)).when(restore(4)).refused('ALREADY_ANSWERED');
  });

  it('refuses after a withdrawal and after a follow-up (R32, D2)', () => {
    given(sent(1), ignored(2), withdrawn(3)).when(restore(4)).refused('NOT_OPEN');
    given(sent(1), ignored(2), sent(3, { supersedes: INVITATION }))
      .when(restore(4))
      .refused('NOT_OPEN');
  });

  it('lets the recipient do what they could before the ignore (D20)', () => {
    given(sent(1), ignored(2), restored(3)).when(accept(4)).then(accepted(4));
    given(sent(1), ignored(2), restored(3)).when(reply(4)).then(replied(4));
    given(sent(1), ignored(2), restored(3)).when(act('IgnoreInvitation', 4)).then(ignored(4));
  });

  it('keeps a reply: a second one stays refused (D17, D20)', () => {
    given(sent(1), replied(2), ignored(3), restored(4)).when(reply(5)).refused('ALREADY_ANSWERED');
    given(sent(1), ignored(2), replied(3), restored(4)).when(reply(5)).refused('ALREADY_ANSWERED');
  });

  it('makes a decline need another ignore (R23, D20)', () => {
    given(sent(1), ignored(2), restored(3)).when(act('DeclineInvitation', 4)).refused('NOT_IGNORED');
    given(sent(1), ignored(2), restored(3), ignored(4)).when(act('DeclineInvitation', 5)).then(declined(5));
  });

  it('is superseded by a follow-up like any open invitation (D1, D2)', () => {
    given(sent(1), ignored(2), restored(3))
      .when(send(4))
      .then(sent(4, { supersedes: INVITATION }));
  });
});

describe('declineInvitation', () => {
  it('declines only an ignored invitation (R23)', () => {
    given(sent(1)).when(act('DeclineInvitation', 2)).refused('NOT_IGNORED');
    given(sent(1), ignored(2)).when(act('DeclineInvitation', 3)).then(declined(3));
  });

  it('declines an ignored invitation that was replied to, before or after it was ignored (D17)', () => {
    given(sent(1), replied(2)).when(act('DeclineInvitation', 3)).refused('NOT_IGNORED');
    given(sent(1), replied(2), ignored(3)).when(act('DeclineInvitation', 4)).then(declined(4));
    given(sent(1), ignored(2), replied(3)).when(act('DeclineInvitation', 4)).then(declined(4));
  });

  const fourDeclines = ['d1', 'd2', 'd3', 'd4'].flatMap((who, index) => declinedBy(who, 10 + 3 * index));

  it('restricts the account together with the fifth decline by different recipients (R26, D7)', () => {
    given(...fourDeclines, sent(1), ignored(2))
      .when(act('DeclineInvitation', 3))
      .then(declined(3), restricted(3));
  });

  it('does not count ignores (R27)', () => {
    given(...fourDeclines.slice(0, -1), sent(1), ignored(2))
      .when(act('DeclineInvitation', 3))
      .then(declined(3));
  });

  it('counts from zero after a restriction was lifted, and never restricts with a limit of 0 (D7)', () => {
    given(...fourDeclines, restricted(30), lifted(31), sent(1), ignored(2))
      .when(act('DeclineInvitation', 3))
      .then(declined(3));
    given(...fourDeclines, sent(1), ignored(2))
      .when(act('DeclineInvitation', 3), { restrictAfterDeclines: 0 })
      .then(declined(3));
  });
});

describe('withdrawInvitation', () => {
  it.each([
    ['untouched', []],
    ['ignored', [ignored(2)]],
    ['restored (D20)', [ignored(2), restored(3)]],
    ['declined', [ignored(2), declined(3)]],
    ['replied to (R18)', [replied(2)]],
    ['replied to and ignored (D17)', [replied(2), ignored(3)]],
    ['replied to and declined (D17)', [replied(2), ignored(3), declined(4)]],
  ])('withdraws an invitation that is %s, with one result (R31, D3)', (_what, since) => {
    given(sent(1), ...since)
      .when(act('WithdrawInvitation', 9, AMAL))
      .then(withdrawn(9));
  });

  it('refuses after an acceptance and after a withdrawal (D3)', () => {
    given(sent(1), accepted(2))
      .when(act('WithdrawInvitation', 9, AMAL))
      .refused('ALREADY_ANSWERED');
    given(sent(1), withdrawn(2))
      .when(act('WithdrawInvitation', 9, AMAL))
      .refused('NOT_OPEN');
  });

  it('refuses everybody but the inviter (D11)', () => {
    given(sent(1)).when(act('WithdrawInvitation', 9)).refused('NOT_YOURS');
    given(sent(1))
      .when(act('WithdrawInvitation', 9, STRANGER))
      .refused('NOT_FOUND');
  });
});

describe('liftRestriction', () => {
  const lift = {
    ...lifted(2),
    type: 'LiftRestriction',
    accountId: AMAL,
    operatorId: 'olga',
    reason: 'talked to them',
  } as const;

  it('lifts a restriction, and refuses if there is none (D7)', () => {
    given(restricted(1)).when(lift).then(lifted(2));
    given().when(lift).refused('NOT_FOUND');
  });
});

describe('evolve', () => {
  it('keeps at most one open invitation to a recipient', () => {
    const account = [sent(1), sent(2, { supersedes: INVITATION })].reduce(evolve, initialState());
    const open = [...account.invitations.values()].filter(({ status }) => status === 'untouched');
    expect(open).toHaveLength(1);
  });
});
