import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ApiUnderTest, apiUnderTest, START_MS, PUBLIC_URL } from './api-under-test.js';
import { giveInvitation, giveMember } from './given-rows.js';

let api: ApiUnderTest;
let invitationId: string;

const ALL_ON = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };

beforeAll(async () => {
  api = await apiUnderTest({ SIGN_IN_URL: 'https://sign-in.example/?client=web' });
  await giveMember(api.db, {
    id: 'ann',
    name: 'Ann Lee',
    headline: 'Engineer',
    profileUrl: 'https://x.example/ann',
  });
  invitationId = await giveInvitation(api.db, {
    n: 1,
    inviterId: 'ann',
    recipientId: 'bob',
    message: 'Hello',
  });
}, START_MS);
afterAll(() => api.stop());
beforeEach(() => {
  api.channel.accept();
  api.notification.requests = [];
  api.notification.answer = { status: 200, body: JSON.stringify(ALL_ON) };
});

const session = async (sub = 'bob') => ({ cookie: `theme=dark; session=${await api.token({ sub })}; x=y` });
const sameOrigin = { 'sec-fetch-site': 'same-origin' };
const form = (payload: string) => ({
  payload,
  type: { 'content-type': 'application/x-www-form-urlencoded' },
});

async function post(url: string, payload: string, headers: Record<string, string>, cookie?: object) {
  const { type } = form(payload);
  return api.inject({
    method: 'POST',
    url,
    payload,
    headers: { ...type, ...headers, ...(cookie ?? (await session())) },
  });
}

describe('a page for who is not signed in', () => {
  it.each(['/inbox', '/preferences', '/inbox?cursor=x'])('%s says so, and where to sign in', async (url) => {
    const response = await api.inject({ url });
    expect(response.statusCode).toBe(401);
    expect(response.headers['content-type']).toMatch(/^text\/html/);
    const back = encodeURIComponent(`${PUBLIC_URL}${url.split('?')[0]}`);
    expect(response.payload).toContain(`href="https://sign-in.example/?client=web&amp;return=${back}"`);
  });

  it('takes no bad session, and no bearer token', async () => {
    const expired = { cookie: `session=${await api.token({}, { expires: '-1m' })}` };
    const other = { cookie: `my-session=${await api.token()}` };
    for (const headers of [expired, other, { cookie: 'session=' }, await api.as('bob')]) {
      expect((await api.inject({ url: '/inbox', headers })).statusCode).toBe(401);
    }
  });
});

describe('/inbox', () => {
  it('shows what waits, with a button that accepts (R9)', async () => {
    const response = await api.inject({ url: '/inbox', headers: await session() });
    expect(response.statusCode).toBe(200);
    for (const part of [
      '<html lang="en" dir="ltr">',
      'Ann Lee',
      'Engineer',
      'href="https://x.example/ann"',
      '<blockquote dir="auto">Hello</blockquote>',
      '<time datetime="2026-01-01T00:00:00.000Z">January 1, 2026</time>',
      `action="/inbox/${invitationId}/accept"`,
      'aria-label="Accept the invitation from Ann Lee"',
    ]) {
      expect(response.payload).toContain(part);
    }
  });

  it('is empty for somebody else, and an error page for a bad cursor', async () => {
    const empty = await api.inject({ url: '/inbox', headers: await session('cid') });
    expect(empty.payload).toContain('No invitation is waiting for you.');
    const bad = await api.inject({ url: '/inbox?cursor=x', headers: await session() });
    expect([bad.statusCode, bad.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
  });

  it('accepts with the form, one command however often it is pressed', async () => {
    const commandId = randomUUID();
    const url = `/inbox/${invitationId}/accept`;
    const response = await post(url, `commandId=${commandId}`, sameOrigin);
    expect(response.statusCode).toBe(200);
    expect(response.payload).toContain('You and Ann Lee are now connected');
    expect(api.channel.published).toMatchObject([
      { commandId, data: { invitationId, actorId: 'bob', via: 'site' } },
    ]);
    api.channel.refuse('ALREADY_ANSWERED');
    expect((await post(url, `commandId=${commandId}`, sameOrigin)).statusCode).toBe(410);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling host', { 'sec-fetch-site': 'same-site', origin: PUBLIC_URL }],
    ['another origin', { origin: 'https://evil.example' }],
    ['a null origin', { origin: 'null' }],
    ['nobody knows where', {}],
  ])('refuses a form from %s', async (_, headers) => {
    for (const url of [`/inbox/${invitationId}/accept`, '/preferences']) {
      const response = await post(url, `commandId=${randomUUID()}`, headers);
      expect(response.statusCode).toBe(403);
    }
    expect(api.channel.published).toEqual([]);
    expect(api.notification.requests).toEqual([]);
  });

  it('takes a form of its own origin where the browser says no more', async () => {
    const response = await post(`/inbox/${invitationId}/accept`, `commandId=${randomUUID()}`, {
      origin: PUBLIC_URL,
    });
    expect(response.statusCode).toBe(200);
  });

  it('refuses a form without a session, without an id, and for what is no invitation', async () => {
    const url = `/inbox/${invitationId}/accept`;
    expect((await post(url, `commandId=${randomUUID()}`, sameOrigin, {})).statusCode).toBe(401);
    expect((await post(url, 'commandId=1', sameOrigin)).statusCode).toBe(400);
    expect((await post('/inbox/x/accept', `commandId=${randomUUID()}`, sameOrigin)).statusCode).toBe(404);
    expect(api.channel.published).toEqual([]);
  });
});

describe('/preferences', () => {
  it('shows and saves them', async () => {
    api.notification.answer.body = JSON.stringify({ ...ALL_ON, reminders: false });
    const page = await api.inject({ url: '/preferences', headers: await session() });
    expect(page.statusCode).toBe(200);
    expect(page.payload.match(/checked/g)).toHaveLength(4);
    const saved = await post('/preferences', 'all=on', sameOrigin);
    expect(saved.statusCode).toBe(200);
    expect(JSON.parse(api.notification.requests.at(-1)!.body)).toMatchObject({ all: true, replies: false });
  });
});

describe('every page', () => {
  it.each(['/inbox', '/preferences', '/l/x'])('%s lets nothing in and tells nobody', async (url) => {
    const { headers, payload } = await api.inject({ url });
    const hash = /style-src '(sha256-[^']+)'/.exec(String(headers['content-security-policy']))?.[1];
    const style = /<style>([^<]*)<\/style>/.exec(payload)?.[1] ?? '';
    const digest = await crypto.subtle.digest('SHA-256', Buffer.from(style));
    expect(hash).toBe(`sha256-${Buffer.from(digest).toString('base64')}`);
    expect(headers).toMatchObject({
      'content-security-policy': `default-src 'none'; style-src '${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('server');
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(payload).toMatch(/^<!doctype html><html lang="en" dir="ltr">/);
  });
});
