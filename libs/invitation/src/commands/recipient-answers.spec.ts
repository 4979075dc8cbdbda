import { describe, expect, it } from '@jest/globals';
import { evolve, openAccount } from '#libs/invitation';
import { given } from '../../../../test/support/given.js';
import {
  accepted,
  act,
  AMAL,
  declined,
  declinedBy,
  ignored,
  INVITATION,
  lifted,
  replied,
  restricted,
  sent,
  STRANGER,
  withdrawn,
} from '../../../../test/support/story.js';

const reply = (n: number) => ({ ...act('ReplyToInvitation', n), message: 'Who are you?' }) as const;

describe('replying', () => {
  it('R15, D5: instead of accepting, from the inbox or the archive', () => {
    given(sent(1)).when(reply(2)).then(replied(2));
    given(sent(1), ignored(2)).when(reply(3)).then(replied(3));
  });

  it('is answered once, and not after a withdrawal', () => {
    given(sent(1), replied(2)).when(reply(3)).refused('ALREADY_ANSWERED');
    given(sent(1), accepted(2)).when(reply(3)).refused('ALREADY_ANSWERED');
    given(sent(1), withdrawn(2)).when(reply(3)).refused('NOT_OPEN');
  });
});

describe('ignoring', () => {
  it('R19: moves an untouched invitation', () => {
    given(sent(1)).when(act('IgnoreInvitation', 2)).then(ignored(2));
  });

  it('is for what is untouched', () => {
    given(sent(1), ignored(2)).when(act('IgnoreInvitation', 3)).refused('ALREADY_ANSWERED');
    given(sent(1), accepted(2)).when(act('IgnoreInvitation', 3)).refused('ALREADY_ANSWERED');
    given(sent(1), sent(2, { supersedes: INVITATION }))
      .when(act('IgnoreInvitation', 3))
      .refused('NOT_OPEN');
  });
});

describe('declining', () => {
  it('R23: is offered only once the invitation is ignored', () => {
    given(sent(1)).when(act('DeclineInvitation', 2)).refused('NOT_IGNORED');
    given(sent(1), ignored(2)).when(act('DeclineInvitation', 3)).then(declined(3));
  });

  const fourDeclines = ['d1', 'd2', 'd3', 'd4'].flatMap((who, index) => declinedBy(who, 10 + 3 * index));

  it('R26, D7: the fifth different decliner restricts the account, in the same breath', () => {
    given(...fourDeclines, sent(1), ignored(2))
      .when(act('DeclineInvitation', 3))
      .then(declined(3), restricted(3));
  });

  it('R27: ignores do not count', () => {
    given(...fourDeclines.slice(0, -1), sent(1), ignored(2))
      .when(act('DeclineInvitation', 3))
      .then(declined(3));
  });

  it('D7: the count starts again when a restriction is lifted, and 0 turns restriction off', () => {
    given(...fourDeclines, restricted(30), lifted(31), sent(1), ignored(2))
      .when(act('DeclineInvitation', 3))
      .then(declined(3));
    given(...fourDeclines, sent(1), ignored(2))
      .when(act('DeclineInvitation', 3), { restrictAfterDeclines: 0 })
      .then(declined(3));
  });
});

describe('withdrawing', () => {
  it.each([
    ['untouched', []],
    ['ignored', [ignored(2)]],
    ['declined', [ignored(2), declined(3)]],
  ])('R31, D3: succeeds alike when the invitation is %s', (_what, since) => {
    given(sent(1), ...since)
      .when(act('WithdrawInvitation', 9, AMAL))
      .then(withdrawn(9));
  });

  it('D3: is refused after an answer that the inviter knows of, and the second time', () => {
    given(sent(1), replied(2))
      .when(act('WithdrawInvitation', 9, AMAL))
      .refused('ALREADY_ANSWERED');
    given(sent(1), accepted(2))
      .when(act('WithdrawInvitation', 9, AMAL))
      .refused('ALREADY_ANSWERED');
    given(sent(1), withdrawn(2))
      .when(act('WithdrawInvitation', 9, AMAL))
      .refused('NOT_OPEN');
  });

  it('D11: only the inviter withdraws', () => {
    given(sent(1)).when(act('WithdrawInvitation', 9)).refused('NOT_YOURS');
    given(sent(1))
      .when(act('WithdrawInvitation', 9, STRANGER))
      .refused('NOT_FOUND');
  });
});

describe('lifting a restriction', () => {
  const lift = {
    ...lifted(2),
    type: 'LiftRestriction',
    accountId: AMAL,
    operatorId: 'olga',
    reason: 'talked to them',
  } as const;

  it('D7: an operator lifts it; where there is none, none is found', () => {
    given(restricted(1)).when(lift).then(lifted(2));
    given().when(lift).refused('NOT_FOUND');
  });
});

describe('an account', () => {
  it('keeps at most one open invitation to a recipient', () => {
    const account = [sent(1), sent(2, { supersedes: INVITATION })].reduce(evolve, openAccount());
    const open = [...account.invitations.values()].filter(({ status }) => status === 'untouched');
    expect(open).toHaveLength(1);
  });
});
