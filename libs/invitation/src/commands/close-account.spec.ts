import { describe, it } from '@jest/globals';
import type {
  CloseInvitation,
  Command,
  EndConnection,
  InvitationEvent,
  RecordConnection,
} from '#libs/invitation';
import { given } from '../../../../test/support/given.js';
import {
  accept,
  accepted,
  accountClosed,
  act,
  AMAL,
  BILAL,
  closed,
  connected,
  declined,
  ended,
  expired,
  id,
  ignored,
  INVITATION,
  minute,
  replied,
  send,
  sent,
  STRANGER,
  withdrawn,
} from '../../../../test/support/story.js';

const close = (n: number): Command => ({
  type: 'CloseAccount',
  commandId: id(n),
  accountId: AMAL,
  operatorId: 'olga',
  at: minute(n),
});

const open: [string, InvitationEvent[]][] = [
  ['untouched', []],
  ['replied to', [replied(2)]],
  ['ignored', [ignored(2)]],
  ['declined', [ignored(2), declined(3)]],
];

describe('closeAccount', () => {
  it('closes an account, also one that has never done anything, and once only (D23)', () => {
    given().when(close(5)).then(accountClosed(5));
    given(sent(1), accepted(2)).when(close(5)).then(accountClosed(5));
    given(accountClosed(4)).when(close(5)).thenNothing();
  });

  it('refuses further invitations like a restriction, before all other reasons (D23)', () => {
    given(accountClosed(4)).when(send(5)).refused('ACCOUNT_RESTRICTED');
    given(connected(1), accountClosed(4)).when(send(5)).refused('ACCOUNT_RESTRICTED');
  });

  it.each(open)(
    'lets nobody answer an invitation that is %s, even before it is closed itself',
    (_what, since) => {
      const history = [sent(1), ...since, accountClosed(4)];
      given(...history)
        .when(accept(5))
        .refused('NOT_OPEN');
      for (const type of ['IgnoreInvitation', 'DeclineInvitation'] as const)
        given(...history)
          .when(act(type, 5))
          .refused('NOT_OPEN');
      given(...history)
        .when({ ...act('ReplyToInvitation', 5), message: 'Who?' })
        .refused('NOT_OPEN');
      given(...history)
        .when(act('WithdrawInvitation', 5, AMAL))
        .refused('NOT_FOUND');
      given(...history)
        .when(accept(5, { actorId: STRANGER }))
        .refused('NOT_FOUND');
    },
  );

  it('sends no reminder of its invitations (D23)', () => {
    given(sent(1), accountClosed(2))
      .when(
        { type: 'RemindRecipient', commandId: id(5), invitationId: INVITATION, ordinal: 1, at: minute(5) },
        { remindersMs: [0] },
      )
      .refused('NOT_OPEN');
  });
});

describe('closeInvitation', () => {
  const closeInvitation = (change: Partial<CloseInvitation> = {}): CloseInvitation => ({
    type: 'CloseInvitation',
    commandId: id(6),
    invitationId: INVITATION,
    recipientId: BILAL,
    at: minute(6),
    ...change,
  });

  it.each(open)('closes an invitation that is %s (D23)', (_what, since) => {
    given(sent(1), ...since, accountClosed(5))
      .when(closeInvitation())
      .then(closed(6));
  });

  it.each([
    ['accepted', [accepted(2)]],
    ['withdrawn', [withdrawn(2)]],
    ['expired', [expired(2)]],
    ['superseded', [sent(2, { supersedes: INVITATION })]],
    ['closed', [closed(2)]],
  ])('refuses an invitation that is %s', (_what, since) => {
    given(sent(1), ...since, accountClosed(5))
      .when(closeInvitation())
      .refused('NOT_OPEN');
  });

  it('refuses while the account is not closed, and what the account has not sent', () => {
    given(sent(1)).when(closeInvitation()).refused('NOT_FOUND');
    given(sent(1), accountClosed(5))
      .when(closeInvitation({ recipientId: STRANGER }))
      .refused('NOT_FOUND');
    given(accountClosed(5)).when(closeInvitation()).refused('NOT_FOUND');
  });
});

describe('endConnection', () => {
  const end = (leaverId: string): EndConnection => ({
    type: 'EndConnection',
    commandId: id(6),
    accountId: AMAL,
    memberId: BILAL,
    leaverId,
    at: minute(6),
  });
  const record: RecordConnection = {
    type: 'RecordConnection',
    commandId: id(8),
    accountId: AMAL,
    memberId: BILAL,
    through: `${BILAL}.${id(70)}`,
    at: minute(8),
  };

  it.each([
    ['the one who was invited', [sent(1), accepted(2)]],
    ['the one who invited', [connected(2)]],
  ])('ends the connection with %s in the account of the other member (D23)', (_who, history) => {
    given(...history)
      .when(end(BILAL))
      .then(ended(6));
    given(...history, accountClosed(5))
      .when(end(AMAL))
      .then(ended(6, AMAL));
  });

  it('ends a connection in the account of its owner only if that is closed', () => {
    given(connected(2)).when(end(AMAL)).refused('NOT_FOUND');
  });

  it('changes nothing for a connection that has ended', () => {
    given(connected(2), ended(3)).when(end(BILAL)).thenNothing();
  });

  it('keeps a connection from being recorded afterwards, whose command was on its way', () => {
    given().when(end(BILAL)).then(ended(6));
    given(ended(6)).when(record).thenNothing();
  });

  it('ends a connection at once that reaches a closed account, so that the other account learns of it', () => {
    given(accountClosed(5))
      .when(record)
      .then({ ...ended(8, AMAL) });
  });

  it('ends a connection that the member who left made afterwards, before it was known that they had (D23)', () => {
    given(ended(6), sent(7), accepted(8))
      .when({ ...end(BILAL), commandId: id(9), at: minute(9) })
      .then(ended(9));
    given(accountClosed(5), ended(6, AMAL)).when(record).then(ended(8, AMAL));
    given(accountClosed(5), ended(4, AMAL)).when(end(AMAL)).then(ended(6, AMAL));
  });

  it('refuses an invitation to a member who has left like one to an unknown member (D4, D23)', () => {
    given(sent(1), accepted(2), ended(3)).when(send(9)).refused('RECIPIENT_UNAVAILABLE');
    given(connected(2), ended(3)).when(send(9)).refused('RECIPIENT_UNAVAILABLE');
  });
});

describe('decide for a member who has left', () => {
  const hasLeft = { actorHasLeft: true } as const;

  it('refuses every command of theirs, as for an account that does not exist (D23)', () => {
    given()
      .when({ ...send(5), ...hasLeft })
      .refused('ACCOUNT_RESTRICTED');
    for (const command of [
      accept(5),
      { ...act('ReplyToInvitation', 5), message: 'Who?' },
      act('IgnoreInvitation', 5),
      act('DeclineInvitation', 5),
      act('WithdrawInvitation', 5, AMAL),
    ] as const)
      given(sent(1))
        .when({ ...command, ...hasLeft })
        .refused('NOT_FOUND');
  });

  it('answers a command that was processed before as it did then (D10)', () => {
    given(sent(1), accepted(2))
      .when({ ...accept(2), ...hasLeft })
      .thenNothing();
  });
});
