import { describe, expect, it } from '@jest/globals';
import { evolve, initialState, type InvitationEvent } from '#libs/invitation';
import { relationWith } from './account.js';
import {
  accepted,
  BILAL,
  connected,
  declined,
  id,
  ignored,
  INVITATION,
  minute,
  reminded,
  replied,
  restored,
  sent,
  withdrawn,
} from '../../../test/support/story.js';

const after = (...history: InvitationEvent[]) => history.reduce(evolve, initialState());

describe('evolve', () => {
  it('starts from an account without relations, invitations or commands', () => {
    const { sent, restricted, declinedBy, relations, invitations, processedCommandIds } = initialState();
    expect([sent, restricted]).toEqual([0, false]);
    expect([declinedBy, relations, invitations, processedCommandIds].map(({ size }) => size)).toEqual([
      0, 0, 0, 0,
    ]);
    expect(relationWith(initialState(), BILAL)).toEqual({
      connected: false,
      blocked: false,
      emailRequired: false,
    });
  });

  it.each<[string, InvitationEvent[], string | undefined]>([
    ['untouched (R9)', [], INVITATION],
    ['replied to (R18)', [replied(2)], INVITATION],
    ['ignored (D5)', [ignored(2)], INVITATION],
    ['restored (D20)', [ignored(2), restored(3)], INVITATION],
    ['declined, for all that the inviter knows (D1)', [ignored(2), declined(3)], INVITATION],
    ['accepted (R10)', [accepted(2)], undefined],
    ['withdrawn (R32)', [withdrawn(2)], undefined],
    ['closed by a connection (D8)', [connected(2, INVITATION)], undefined],
  ])('sets the open invitation: %s', (_what, since, open) => {
    expect(relationWith(after(sent(1), ...since), BILAL).open).toBe(open);
  });

  it('counts reminders only while the invitation is untouched (D6)', () => {
    const reminder = reminded(2, 2, minute(9));
    expect(after(sent(1), reminder).invitations.get(INVITATION)).toMatchObject({
      reminded: 2,
      status: 'untouched',
    });
    expect(after(sent(1), ignored(2), reminder).invitations.get(INVITATION)).toEqual({
      status: 'ignored',
      recipientId: BILAL,
      replied: false,
    });
    expect(after(reminder).invitations.size).toBe(0);
  });

  it('keeps an invitation in the archive with its reply, in either order (D5, D17)', () => {
    const archived = { status: 'ignored', recipientId: BILAL, replied: true };
    expect(after(sent(1), ignored(2), replied(3)).invitations.get(INVITATION)).toEqual(archived);
    expect(after(sent(1), replied(2), ignored(3)).invitations.get(INVITATION)).toEqual(archived);
  });

  it('returns an invitation to the inbox without making it untouched again (D20)', () => {
    const invitation = (...since: InvitationEvent[]) => after(sent(1), ...since).invitations.get(INVITATION);
    const restoredOne = { status: 'restored', recipientId: BILAL };
    expect(invitation(ignored(2), restored(3))).toEqual(restoredOne);
    expect(invitation(ignored(2), restored(3), reminded(4, 1, minute(9)))).toEqual(restoredOne);
    expect(invitation(ignored(2), restored(3), ignored(4))).toEqual({
      status: 'ignored',
      recipientId: BILAL,
      replied: false,
    });
  });

  it('keeps the reply of a restored invitation, whether it came before or after the ignore (D17, D20)', () => {
    const withReply = { status: 'replied', recipientId: BILAL };
    for (const since of [
      [replied(2), ignored(3), restored(4)],
      [ignored(2), replied(3), restored(4)],
      [ignored(2), restored(3), replied(4)],
    ])
      expect(after(sent(1), ...since).invitations.get(INVITATION)).toEqual(withReply);
    expect(
      after(sent(1), replied(2), ignored(3), restored(4), ignored(5)).invitations.get(INVITATION),
    ).toEqual({ status: 'ignored', recipientId: BILAL, replied: true });
  });

  it('remembers the id of every processed command (D10)', () => {
    expect(after(sent(1), reminded(2, 1, minute(9)), ignored(3)).processedCommandIds).toEqual(
      new Set([id(1), id(2), id(3)]),
    );
  });

  it('leaves invitations unchanged by a connection that closes none (D8)', () => {
    expect(after(connected(1)).invitations.size).toBe(0);
  });
});
