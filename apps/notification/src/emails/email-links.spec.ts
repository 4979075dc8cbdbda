import { describe, expect, it } from '@jest/globals';
import { parseLinkKeys, verifyLink, type LinkPurpose } from '#libs/mail';
import { createEmailLinks, type EmailLinkSettings } from './email-links.js';

const LINK_KEYS = `k1:${Buffer.alloc(32, 1).toString('base64url')}`;
const NOW = new Date('2026-01-01T00:00:00Z');
const DAY = 86_400_000;

const links = (settings: Partial<EmailLinkSettings> = {}) =>
  createEmailLinks(
    {
      PUBLIC_URL: 'https://network.example/',
      LINK_KEYS,
      ACCEPT_LINK_VALIDITY: 60 * DAY,
      PREFERENCES_LINK_VALIDITY: 90 * DAY,
      ...settings,
    },
    () => NOW,
  );

const claimsIn = (url: string, purpose: LinkPurpose, at: string) =>
  verifyLink(
    parseLinkKeys(LINK_KEYS),
    url.slice(url.lastIndexOf('/') + 1).split('?')[0]!,
    purpose,
    new Date(at),
  );

const ALICE = { id: 'alice', profileUrl: '' };

describe('createEmailLinks', () => {
  it('links below PUBLIC_URL, unless INBOX_URL and PREFERENCES_URL are set (R7)', () => {
    expect(links().inbox('ar')).toBe('https://network.example/inbox?lang=ar');
    expect(links().sent('en')).toBe('https://network.example/sent?lang=en');
    expect(links().answer('i.1', 'reply', 'en')).toBe('https://network.example/inbox/i.1/reply?lang=en');
    expect(links().preferences('bob', 'ar')).toMatch(/^https:\/\/network\.example\/l\/[^/]+\?lang=ar$/);
    const others = links({ INBOX_URL: 'https://app.example/in', PREFERENCES_URL: 'https://app.example/me' });
    expect(others.inbox('ar')).toBe('https://app.example/in');
    expect([others.sent('ar'), others.answer('i.1', 'ignore', 'ar')]).toEqual([undefined, undefined]);
    expect(others.preferences('bob', 'ar')).toBe('https://app.example/me');
  });

  it.each([
    [{}, 'https://network.example/members/alice'],
    [{ PROFILE_BASE_URL: 'https://people.example' }, 'https://people.example/alice'],
    [{ PROFILE_BASE_URL: 'https://people.example/in/' }, 'https://people.example/in/alice'],
    [{ PROFILE_BASE_URL: 'https://people.example/?id=' }, 'https://people.example/?id=alice'],
  ])('links to a profile without an address by the id of the member: %j', (settings, url) => {
    expect(links(settings).profile(ALICE)).toBe(url);
  });

  it('signs a link to accept for one member and one invitation, which expires (D12)', () => {
    const invitationId = 'alice.00000000-0000-4000-8000-000000000001';
    const url = links({ ACCEPT_LINK_VALIDITY: DAY }).accept(
      'bob',
      invitationId,
      '2026-01-01T00:00:00.000Z',
      'en',
    );
    expect(url).toMatch(/^https:\/\/network\.example\/l\/[^/]+\?lang=en$/);
    expect(claimsIn(url, 'accept', '2026-01-01T23:59:59Z')).toMatchObject({
      memberId: 'bob',
      invitationId,
      openAt: NOW,
    });
    expect(claimsIn(url, 'accept', '2026-01-02T00:00:00Z')).toBeUndefined();
  });

  it('signs links to the preferences and to unsubscribe, which expire and cannot replace each other', () => {
    const month = links({ PREFERENCES_LINK_VALIDITY: 30 * DAY });
    const [choose, stop] = [month.preferences('bob', 'en'), month.unsubscribe('bob', 'replies', 'ar')];
    const [last, over] = ['2026-01-30T23:59:59Z', '2026-01-31T00:00:00Z'];
    expect(claimsIn(choose, 'preferences', last)).toMatchObject({ memberId: 'bob' });
    expect(claimsIn(choose, 'unsubscribe', last)).toBeUndefined();
    expect(claimsIn(choose, 'preferences', over)).toBeUndefined();
    expect(claimsIn(stop, 'unsubscribe', last)).toMatchObject({ memberId: 'bob', kind: 'replies' });
    expect(claimsIn(stop, 'preferences', last)).toBeUndefined();
    expect(claimsIn(stop, 'unsubscribe', over)).toBeUndefined();
  });
});
