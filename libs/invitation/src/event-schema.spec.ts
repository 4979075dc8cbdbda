import { describe, expect, it } from '@jest/globals';
import { currentVersion, STORED_TYPES, upcast } from '#libs/invitation';

describe('upcast and currentVersion', () => {
  it('know version 2 of a sending, an acceptance and a reply, and version 1 of every other event', () => {
    expect(Object.fromEntries(STORED_TYPES.map((type) => [type, currentVersion(type)]))).toEqual({
      InvitationSent: 2,
      InvitationAccepted: 2,
      InvitationReplied: 2,
      InvitationIgnored: 1,
      InvitationRestored: 1,
      InvitationDeclined: 1,
      InvitationWithdrawn: 1,
      InvitationExpired: 1,
      InvitationClosed: 1,
      AccountClosed: 1,
      ConnectionEnded: 1,
      InvitationReminderDue: 1,
      AccountRestricted: 1,
      AccountRestrictionLifted: 1,
      ConnectionRecorded: 1,
    });
  });

  it('complete an acceptance of version 1 with the site as its channel (R11)', () => {
    expect(upcast('InvitationAccepted', 1, { at: 'then' })).toEqual({ at: 'then', via: 'site' });
    expect(upcast('InvitationAccepted', 1, { via: 'email' })).toEqual({ via: 'email' });
  });

  it('leave data of the current version unchanged', () => {
    expect(upcast('InvitationAccepted', 2, { at: 'then' })).toEqual({ at: 'then' });
    expect(upcast('InvitationIgnored', 1, { at: 'then' })).toEqual({ at: 'then' });
  });

  it.each(['InvitationSent', 'InvitationReplied'])('keep the plain text of %s of version 1', (type) => {
    expect(upcast(type, 1, { at: 'then', message: 'Hi' })).toEqual({ at: 'then', message: 'Hi' });
  });

  it.each([
    ['InvitationPraised', 1],
    ['toString', 1],
    ['InvitationSent', 0],
    ['InvitationSent', 3],
    ['InvitationAccepted', 3],
    ['InvitationAccepted', 1.5],
    ['InvitationSent', '1'],
    ['InvitationSent', undefined],
    ['InvitationSent', Number.NaN],
  ])('return undefined for %s of version %s', (type, version) => {
    expect(upcast(type, version, {})).toBeUndefined();
  });
});
