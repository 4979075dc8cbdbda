import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signLink } from '#libs/mail';
import { type ApiHarness, openApiHarness, LINK_KEYS, START_MS } from './api-harness.js';
import { giveInvitation, giveMember } from './given-rows.js';
import { collectRoutes, kindOf } from './routes.js';

const SCRIPT = '<script>alert(1)</script>';
const ATTRIBUTE = '"><img src=x onerror=alert(1)>';
const HEADER = 'x\r\nset-cookie: session=evil';
const HOSTILE = `${SCRIPT}${ATTRIBUTE}</title></textarea>${HEADER}\u202e\u2028`;

const PROFILES = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  '//evil.example',
  `https://x.example/${ATTRIBUTE}`,
];

const routes = collectRoutes();
let api: ApiHarness;
let cookie: string;
const ids: string[] = [];

beforeAll(async () => {
  api = await openApiHarness();
  const preferences = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };
  api.notification.answer = { status: 200, body: JSON.stringify(preferences) };
  for (const [n, profileUrl] of PROFILES.entries()) {
    const inviterId = `ann-${n}`;
    await giveMember(api.db, { id: inviterId, name: HOSTILE, headline: HOSTILE, profileUrl });
    ids.push(await giveInvitation(api.db, { n, inviterId, recipientId: 'bob', message: HOSTILE }));
    await giveInvitation(api.db, {
      n: n + 50,
      inviterId,
      recipientId: 'bob',
      message: HOSTILE,
      ignored: true,
    });
    ids.push(
      await giveInvitation(api.db, { n: n + 90, inviterId: 'bob', recipientId: inviterId, message: HOSTILE }),
    );
  }
  cookie = `__Host-session=${await api.token()}`;
}, START_MS);
afterAll(() => api.stop());

/** Returns the parts of the texts that reached a page as markup. */
function expectOnlyText(page: string): void {
  expect(page).not.toContain('<script>');
  expect(page).not.toMatch(/<img/i);
  const links = [...page.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, link]) => link!);
  for (const link of links) {
    expect(link).toMatch(/^(?:\/(?!\/)|https?:\/\/|\?|#|mailto:[^\s?&<>]+@[^\s?&<>]+$)/);
  }
}

function expectOwnHeaders(headers: Record<string, unknown>): void {
  expect(JSON.stringify(headers)).not.toMatch(/evil|alert/);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
}

describe('names, headlines, messages and profile URLs of members', () => {
  it('are escaped on every page of a member', async () => {
    const pages = routes.filter((route) => route.method === 'GET' && kindOf(route) === 'session');
    expect(pages.length).toBeGreaterThanOrEqual(5);
    let shown = 0;
    for (const { path } of pages) {
      for (const id of path.includes(':id') ? ids : ['']) {
        for (const lang of ['en', 'ar']) {
          const response = await api.app.inject({
            url: `${path.replace(':id', id)}?lang=${lang}`,
            headers: { cookie },
          });
          expectOnlyText(response.payload);
          expectOwnHeaders({ ...response.headers, 'set-cookie': undefined });
          if (response.payload.includes('alert(1)')) shown += 1;
        }
      }
    }
    // The page did contain the texts.
    expect(shown).toBeGreaterThan(20);
  }, 300_000);

  it('are escaped on the page behind a link, before and after submitting', async () => {
    for (const [n, invitationId] of ids
      .filter((id) => id.startsWith('ann'))
      .slice(0, 2)
      .entries()) {
      const expiresAt = new Date(Date.now() + 60_000 + n);
      const url = `/l/${signLink(LINK_KEYS, { purpose: 'accept', memberId: 'bob', invitationId, expiresAt })}`;
      for (const method of ['GET', 'POST'] as const) {
        const response = await api.inject({ method, url });
        expect(response.statusCode).toBe(200);
        expect(response.payload).toContain('alert(1)');
        expectOnlyText(response.payload);
        expectOwnHeaders(response.headers);
      }
    }
  });

  it('are data in JSON, which no browser renders as a page', async () => {
    for (const list of ['inbox', 'archive', 'sent']) {
      const response = await api.inject({ url: `/v1/${list}`, headers: await api.as('bob') });
      expect(response.headers['content-type']).toMatch(/^application\/json/);
      expect(response.headers['x-content-type-options']).toBe('nosniff');
      expectOwnHeaders(response.headers);
      expect(response.payload).toContain('alert(1)');
    }
  });

  it('are returned as URLs only if they are web URLs, because apps use them as links', async () => {
    for (const list of ['inbox', 'archive']) {
      const response = await api.inject({ url: `/v1/${list}`, headers: await api.as('bob') });
      const { items } = response.json<{ items: { inviter: { profileUrl: string } }[] }>();
      expect(items).toHaveLength(PROFILES.length);
      for (const { inviter } of items) expect(inviter.profileUrl).toMatch(/^(?:https?:\/\/.*)?$/);
    }
  });
});

describe('text from the caller', () => {
  it('is reflected in no header and no page', async () => {
    const tricks = [
      encodeURIComponent(SCRIPT),
      encodeURIComponent(ATTRIBUTE),
      '%0d%0aset-cookie:%20x=evil',
      `%22onload=alert(1)`,
    ];
    for (const trick of tricks) {
      for (const url of [
        `/l/${trick}`,
        `/inbox?cursor=${trick}`,
        `/sent?lang=${trick}`,
        `/archive/${trick}/reply`,
        `/${trick}`,
        `/v1/inbox?limit=${trick}`,
      ]) {
        const response = await api.app.inject({
          url,
          headers: { cookie, 'x-request-id': decodeURIComponent(trick).replaceAll(/[\r\n]/g, '') },
        });
        expectOnlyText(response.payload);
        expect(JSON.stringify({ ...response.headers, 'set-cookie': undefined })).not.toMatch(/evil|alert/);
        expect(String(response.headers['set-cookie'] ?? '')).not.toMatch(/evil|alert/);
      }
    }
  });
});
