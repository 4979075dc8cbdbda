import { describe, it } from '@jest/globals';
import type { ExpireInvitation, InvitationEvent, RecordConnection, RemindRecipient } from '#libs/invitation';
import { given } from '../../../../test/support/given.js';
import {
  accepted,
  act,
  AMAL,
  BILAL,
  connected,
  declined,
  declinedBy,
  expired,
  id,
  ignored,
  INVITATION,
  minute,
  reminded,
  replied,
  restored,
  restricted,
  send,
  sent,
  STRANGER,
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
    ['restored (D20)', [ignored(2), restored(3)]],
    ['replied to, ignored and restored (D20)', [replied(2), ignored(3), restored(4)]],
    ['declined', [ignored(2), declined(3)]],
    ['withdrawn (R33)', [withdrawn(2)]],
    ['superseded (D2)', [sent(2, { supersedes: INVITATION })]],
    ['expired (D22)', [expired(2)]],
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

describe('expireInvitation', () => {
  /** Ten minutes, of an invitation that is sent in minute 1. */
  const EXPIRY = { invitationExpiryMs: 10 * 60_000 };
  const expire = (at: number, change: Partial<ExpireInvitation> = {}): ExpireInvitation => ({
    type: 'ExpireInvitation',
    commandId: id(50),
    invitationId: INVITATION,
    recipientId: BILAL,
    at: minute(at),
    ...change,
  });
  const event = (at: number) => ({ ...expired(50), at: minute(at) });
  const everyOpen: [string, InvitationEvent[]][] = [
    ['untouched', []],
    ['reminded', [reminded(2, 1, minute(9))]],
    ['replied to', [replied(2)]],
    ['ignored', [ignored(2)]],
    ['replied to and ignored', [replied(2), ignored(3)]],
    ['restored (D20)', [ignored(2), restored(3)]],
    ['declined', [ignored(2), declined(3)]],
  ];

  it.each(everyOpen)('expires an invitation that is %s at the same instant (D22, D1)', (_what, since) => {
    const history = [sent(1), ...since];
    const justBefore = new Date(Date.parse(minute(11)) - 1).toISOString();
    given(...history)
      .when(expire(11, { at: justBefore }), EXPIRY)
      .refused('TOO_SOON');
    given(...history)
      .when(expire(11), EXPIRY)
      .then(event(11));
    given(...history)
      .when(expire(999), EXPIRY)
      .then(event(999));
    given(...history)
      .when(expire(999))
      .refused('TOO_SOON');
  });

  it.each([
    ['accepted', [accepted(2)]],
    ['withdrawn', [withdrawn(2)]],
    ['declined and withdrawn', [ignored(2), declined(3), withdrawn(4)]],
    ['superseded', [sent(2, { supersedes: INVITATION })]],
    ['closed by a connection', [connected(2, INVITATION)]],
    ['expired', [expired(12)]],
    ['expired and followed by another', [expired(12), sent(13)]],
  ])('refuses to expire an invitation that is %s', (_what, since) => {
    given(sent(1), ...since)
      .when(expire(30), EXPIRY)
      .refused('NOT_OPEN');
  });

  it('counts from the follow-up, which starts its own time (D2)', () => {
    const followUp = expire(18, { invitationId: `${AMAL}.${id(8)}` });
    const history = [sent(1), sent(8, { supersedes: INVITATION })];
    given(...history)
      .when({ ...followUp, at: minute(17) }, EXPIRY)
      .refused('TOO_SOON');
    given(...history)
      .when(followUp, EXPIRY)
      .then({ ...event(18), invitationId: followUp.invitationId });
  });

  it('refuses to expire an unknown invitation', () => {
    given().when(expire(30), EXPIRY).refused('NOT_FOUND');
    given(sent(1))
      .when(expire(30, { recipientId: STRANGER }), EXPIRY)
      .refused('NOT_FOUND');
  });

  it('leaves the pair as before the invitation: the next one needs no address and supersedes nothing', () => {
    given(sent(1), expired(12)).when(send(13)).then(sent(13));
    given(sent(1), withdrawn(2), sent(3), { ...expired(12), invitationId: `${AMAL}.${id(3)}` })
      .when(send(13))
      .then(sent(13));
  });

  it('keeps the bar of a decline, and the decline counts towards a restriction (R25, R26)', () => {
    given(sent(1), ignored(2), declined(3), expired(12)).when(send(13)).refused('RECIPIENT_UNAVAILABLE');
    const second = declinedBy(STRANGER, 20).slice(0, 2);
    const decline = { ...act('DeclineInvitation', 30, STRANGER), invitationId: `${AMAL}.${id(20)}` };
    given(sent(1), ignored(2), declined(3), expired(12), ...second)
      .when(decline, { restrictAfterDeclines: 2 })
      .then({ ...declinedBy(STRANGER, 20)[2]!, commandId: id(30), at: minute(30) }, restricted(30));
  });

  it('counts an expired invitation towards the limit (R35)', () => {
    given(sent(1), expired(12)).when(send(13), { invitationLimit: 1 }).refused('LIMIT_REACHED');
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
    ['restored (D20)', [ignored(2), restored(3)]],
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
