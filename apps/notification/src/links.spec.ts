import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '#libs/platform';
import { parseLinkKeys, verifyLink, type LinkPurpose } from '#libs/mail';
import { NotificationConfig } from './config.js';
import { linksOf } from './links.js';

const LINK_KEYS = `k1:${Buffer.alloc(32, 1).toString('base64url')}`;
const NOW = new Date('2026-01-01T00:00:00Z');

const links = (env: Record<string, string> = {}) =>
  linksOf(
    loadConfig(NotificationConfig, {
      KAFKA_BROKERS: 'unused',
      DATABASE_URL: 'unused',
      SMTP_URL: 'smtp://unused',
      PUBLIC_URL: 'https://network.example/',
      MAIL_FROM: 'a@network.example',
      LINK_KEYS,
      ...env,
    }),
    () => NOW,
  );

const claimsIn = (url: string, purpose: LinkPurpose, at: string) =>
  verifyLink(parseLinkKeys(LINK_KEYS), url.slice(url.lastIndexOf('/') + 1), purpose, new Date(at));

const ALICE = { id: 'alice', profileUrl: '' };

describe('where e-mails lead (R7)', () => {
  it('is below the public address, unless it is said otherwise', () => {
    expect(links().inbox).toBe('https://network.example/inbox');
    expect(links().preferences('bob')).toMatch(/^https:\/\/network\.example\/l\/[^/]+$/);
    const others = links({ INBOX_URL: 'https://app.example/in', PREFERENCES_URL: 'https://app.example/me' });
    expect(others.inbox).toBe('https://app.example/in');
    expect(others.preferences('bob')).toBe('https://app.example/me');
  });

  it.each([
    [{}, 'https://network.example/members/alice'],
    [{ PROFILE_BASE_URL: 'https://people.example' }, 'https://people.example/alice'],
    [{ PROFILE_BASE_URL: 'https://people.example/in/' }, 'https://people.example/in/alice'],
    [{ PROFILE_BASE_URL: 'https://people.example/?id=' }, 'https://people.example/?id=alice'],
  ])('a profile without an address is found by its id: %j', (env, url) => {
    expect(links(env as Record<string, string>).profile(ALICE)).toBe(url);
  });

  it('the link that accepts is signed, for one member and one invitation, and ends (D12)', () => {
    const invitationId = 'alice.00000000-0000-4000-8000-000000000001';
    const url = links({ ACCEPT_LINK_VALIDITY: 'P1D' }).accept('bob', invitationId);
    expect(url).toMatch(/^https:\/\/network\.example\/l\/[^/]+$/);
    expect(claimsIn(url, 'accept', '2026-01-01T23:59:59Z')).toMatchObject({ memberId: 'bob', invitationId });
    expect(claimsIn(url, 'accept', '2026-01-02T00:00:00Z')).toBeUndefined();
  });

  it('the links to the preferences, and those that unsubscribe, end too, and are no good for each other', () => {
    const month = links({ PREFERENCES_LINK_VALIDITY: 'P30D' });
    const [choose, stop] = [month.preferences('bob'), month.unsubscribe('bob', 'replies')];
    const [last, over] = ['2026-01-30T23:59:59Z', '2026-01-31T00:00:00Z'];
    expect(claimsIn(choose, 'preferences', last)).toMatchObject({ memberId: 'bob' });
    expect(claimsIn(choose, 'unsubscribe', last)).toBeUndefined();
    expect(claimsIn(choose, 'preferences', over)).toBeUndefined();
    expect(claimsIn(stop, 'unsubscribe', last)).toMatchObject({ memberId: 'bob', kind: 'replies' });
    expect(claimsIn(stop, 'preferences', last)).toBeUndefined();
    expect(claimsIn(stop, 'unsubscribe', over)).toBeUndefined();
  });
});
