import { describe, expect, it } from '@jest/globals';
import { evolve, openAccount, relationWith, type InvitationEvent } from '#libs/invitation';
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
  sent,
  withdrawn,
} from '../../../test/support/story.js';

const after = (...history: InvitationEvent[]) => history.reduce(evolve, openAccount());

describe('an account', () => {
  it('knows nobody, and has carried out nothing, before anything happened', () => {
    const { sent, restricted, declinedBy, relations, invitations, carriedOut } = openAccount();
    expect([sent, restricted]).toEqual([0, false]);
    expect([declinedBy, relations, invitations, carriedOut].map(({ size }) => size)).toEqual([0, 0, 0, 0]);
    expect(relationWith(openAccount(), BILAL)).toEqual({
      connected: false,
      barred: false,
      emailRequired: false,
    });
  });

  it.each<[string, InvitationEvent[], string | undefined]>([
    ['R9: untouched', [], INVITATION],
    ['R18: replied to', [replied(2)], INVITATION],
    ['D5: ignored', [ignored(2)], INVITATION],
    ['D1: declined, for all that the inviter knows', [ignored(2), declined(3)], INVITATION],
    ['R10: accepted', [accepted(2)], undefined],
    ['R32: withdrawn', [withdrawn(2)], undefined],
    ['D8: closed by a connection', [connected(2, INVITATION)], undefined],
  ])('%s: whether the invitation is open', (_what, since, open) => {
    expect(relationWith(after(sent(1), ...since), BILAL).open).toBe(open);
  });

  it('D6: remembers the last reminder, as long as the invitation is untouched', () => {
    const reminder = reminded(2, 2, minute(9));
    expect(after(sent(1), reminder).invitations.get(INVITATION)).toMatchObject({
      reminded: 2,
      status: 'untouched',
    });
    expect(after(sent(1), ignored(2), reminder).invitations.get(INVITATION)).toEqual({
      status: 'ignored',
      recipientId: BILAL,
    });
    expect(after(reminder).invitations.size).toBe(0);
  });

  it('D10: remembers every command that was carried out', () => {
    expect(after(sent(1), reminded(2, 1, minute(9)), ignored(3)).carriedOut).toEqual(
      new Set([id(1), id(2), id(3)]),
    );
  });

  it('D8: a connection that closes nothing leaves the invitations alone', () => {
    expect(after(connected(1)).invitations.size).toBe(0);
  });
});
