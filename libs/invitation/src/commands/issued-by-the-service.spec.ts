import { describe, it } from '@jest/globals';
import type { RecordConnection, RemindRecipient } from '#libs/invitation';
import { given } from '../../../../test/support/given.js';
import {
  accepted,
  act,
  AMAL,
  BILAL,
  connected,
  declined,
  id,
  ignored,
  INVITATION,
  minute,
  reminded,
  replied,
  send,
  sent,
  withdrawn,
} from '../../../../test/support/story.js';

/** Reminders 5 and 20 minutes after sending, each good for 10 minutes. The invitation is sent in minute 1. */
const POLICY = { remindersMs: [5 * 60_000, 20 * 60_000], reminderValidityMs: 10 * 60_000 };

const remind = (at: number, ordinal = 1): RemindRecipient => ({
  type: 'RemindRecipient',
  commandId: id(50),
  invitationId: INVITATION,
  ordinal,
  at: minute(at),
});

describe('remindRecipient', () => {
  const event = (at: number, ordinal: number, validUntil: number) => ({
    ...reminded(50, ordinal, minute(validUntil)),
    at: minute(at),
  });

  it('reminds from the due time to the end of the validity (R6, D6)', () => {
    given(sent(1))
      .when(remind(6), POLICY)
      .then(event(6, 1, 16));
    given(sent(1))
      .when(remind(16), POLICY)
      .then(event(16, 1, 16));
    given(sent(1), reminded(6, 1, minute(16)))
      .when(remind(21, 2), POLICY)
      .then(event(21, 2, 31));
  });

  it('refuses a reminder before it is due and after its validity has ended (D6)', () => {
    given(sent(1)).when(remind(5), POLICY).refused('TOO_SOON');
    given(sent(1)).when(remind(17), POLICY).refused('NOT_OPEN');
  });

  it('refuses a reminder once the next is due, so that two are never valid at the same time (D6)', () => {
    const policy = { ...POLICY, reminderValidityMs: 60 * 60_000 };
    const justBefore = new Date(Date.parse(minute(21)) - 1).toISOString();
    given(sent(1))
      .when(remind(20), policy)
      .then({ ...reminded(50, 1, justBefore), at: minute(20) });
    given(sent(1)).when(remind(21), policy).refused('NOT_OPEN');
    given(sent(1))
      .when(remind(21, 2), policy)
      .then(event(21, 2, 81));
  });

  it('changes nothing for a repeated reminder, also by another command, and for an earlier one after a later (D6)', () => {
    given(sent(1), reminded(6, 1, minute(16)))
      .when(remind(7), POLICY)
      .thenNothing();
    given(sent(1), reminded(6, 2, minute(31)))
      .when(remind(7), POLICY)
      .thenNothing();
  });

  it.each([
    ['accepted', [accepted(2)]],
    ['replied to (R17)', [replied(2)]],
    ['ignored (R22)', [ignored(2)]],
    ['declined', [ignored(2), declined(3)]],
    ['withdrawn (R33)', [withdrawn(2)]],
    ['superseded (D2)', [sent(2, { supersedes: INVITATION })]],
    ['closed by a connection (D8)', [connected(2, INVITATION)]],
  ])('refuses to remind of an invitation that is %s (D6)', (_what, since) => {
    given(sent(1), ...since)
      .when(remind(6), POLICY)
      .refused('NOT_OPEN');
  });

  it('refuses a reminder of an unknown invitation or ordinal', () => {
    given().when(remind(6), POLICY).refused('NOT_FOUND');
    given(sent(1)).when(remind(6, 3), POLICY).refused('NOT_FOUND');
    given(sent(1)).when(remind(6, 0), POLICY).refused('NOT_FOUND');
  });
});

describe('recordConnection', () => {
  const record = (n: number): RecordConnection => ({
    type: 'RecordConnection',
    commandId: id(n),
    accountId: AMAL,
    memberId: BILAL,
    through: `${BILAL}.${id(70)}`,
    at: minute(n),
  });

  it('records the connection on the account of the member who accepted (D8)', () => {
    given().when(record(3)).then(connected(3));
    given(connected(3)).when(send(4)).refused('ALREADY_CONNECTED');
  });

  it.each([
    ['untouched', []],
    ['ignored', [ignored(2)]],
    ['replied to', [replied(2)]],
    ['declined, which must not show (D1)', [ignored(2), declined(3)]],
  ])('closes an open invitation in the other direction that is %s (D8)', (_what, since) => {
    given(sent(1), ...since)
      .when(record(4))
      .then(connected(4, INVITATION));
  });

  it('closes no invitation that is closed already (D8)', () => {
    given(sent(1), withdrawn(2)).when(record(3)).then(connected(3));
    given(sent(1), ignored(2), declined(3), withdrawn(4)).when(record(5)).then(connected(5));
  });

  it('makes a withdrawal refused with one code, whether the closed invitation was ignored or declined (D1, D3)', () => {
    const withdraw = act('WithdrawInvitation', 9, AMAL);
    given(sent(1), ignored(2), connected(4, INVITATION)).when(withdraw).refused('NOT_OPEN');
    given(sent(1), ignored(2), declined(3), connected(4, INVITATION)).when(withdraw).refused('NOT_OPEN');
  });

  it('changes nothing if the two are connected already', () => {
    given(sent(1), accepted(2)).when(record(3)).thenNothing();
    given(connected(2)).when(record(3)).thenNothing();
  });
});
