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

describe('reminding', () => {
  const event = (at: number, ordinal: number, validUntil: number) => ({
    ...reminded(50, ordinal, minute(validUntil)),
    at: minute(at),
  });

  it('R6, D6: when it is due, and as long as it is valid', () => {
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

  it('D6: never one early, and none that is no longer valid', () => {
    given(sent(1)).when(remind(5), POLICY).refused('TOO_SOON');
    given(sent(1)).when(remind(17), POLICY).refused('NOT_OPEN');
  });

  it('D6: never one for which the next is due, so that never two of an invitation are valid at once', () => {
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

  it('D6: never one twice, also by another command, nor an earlier one after a later', () => {
    given(sent(1), reminded(6, 1, minute(16)))
      .when(remind(7), POLICY)
      .thenNothing();
    given(sent(1), reminded(6, 2, minute(31)))
      .when(remind(7), POLICY)
      .thenNothing();
  });

  it.each([
    ['accepted', [accepted(2)]],
    ['R17: replied to', [replied(2)]],
    ['R22: ignored', [ignored(2)]],
    ['declined', [ignored(2), declined(3)]],
    ['R33: withdrawn', [withdrawn(2)]],
    ['D2: superseded', [sent(2, { supersedes: INVITATION })]],
    ['D8: closed by a connection', [connected(2, INVITATION)]],
  ])('D6: never of an invitation that is %s', (_what, since) => {
    given(sent(1), ...since)
      .when(remind(6), POLICY)
      .refused('NOT_OPEN');
  });

  it('of nothing that does not exist', () => {
    given().when(remind(6), POLICY).refused('NOT_FOUND');
    given(sent(1)).when(remind(6, 3), POLICY).refused('NOT_FOUND');
    given(sent(1)).when(remind(6, 0), POLICY).refused('NOT_FOUND');
  });
});

describe('recording a connection', () => {
  const record = (n: number): RecordConnection => ({
    type: 'RecordConnection',
    commandId: id(n),
    accountId: AMAL,
    memberId: BILAL,
    through: `${BILAL}.${id(70)}`,
    at: minute(n),
  });

  it('D8: in the account of the member who accepted, too', () => {
    given().when(record(3)).then(connected(3));
    given(connected(3)).when(send(4)).refused('ALREADY_CONNECTED');
  });

  it.each([
    ['untouched', []],
    ['ignored', [ignored(2)]],
    ['replied to', [replied(2)]],
    ['declined, which must not show (D1)', [ignored(2), declined(3)]],
  ])('D8: closes an own invitation the other way round that is %s', (_what, since) => {
    given(sent(1), ...since)
      .when(record(4))
      .then(connected(4, INVITATION));
  });

  it('D8: closes none that is closed already', () => {
    given(sent(1), withdrawn(2)).when(record(3)).then(connected(3));
    given(sent(1), ignored(2), declined(3), withdrawn(4)).when(record(5)).then(connected(5));
  });

  it('D1, D3: withdrawing is refused alike afterwards, whether the closed one was ignored or declined', () => {
    const withdraw = act('WithdrawInvitation', 9, AMAL);
    given(sent(1), ignored(2), connected(4, INVITATION)).when(withdraw).refused('NOT_OPEN');
    given(sent(1), ignored(2), declined(3), connected(4, INVITATION)).when(withdraw).refused('NOT_OPEN');
  });

  it('changes nothing where the two are connected', () => {
    given(sent(1), accepted(2)).when(record(3)).thenNothing();
    given(connected(2)).when(record(3)).thenNothing();
  });
});
