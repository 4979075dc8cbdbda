import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ApiHarness, openApiHarness, START_MS, PUBLIC_URL } from './api-harness.js';
import { giveInvitation, giveMember } from './given-rows.js';
import { PageVisitor, saidOn } from './page-visitor.js';

let api: ApiHarness;
let bob: PageVisitor;
let invitationId: string;

const ALL_ON = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };
const PAGES = ['/inbox', '/archive', '/sent', '/connections', '/preferences'];

beforeAll(async () => {
  api = await openApiHarness({ SIGN_IN_URL: 'https://sign-in.example/?client=web' });
  await giveMember(api.db, { id: 'ann', name: 'Ann Lee' });
  invitationId = await giveInvitation(api.db, { n: 1, inviterId: 'ann', recipientId: 'bob' });
}, START_MS);
afterAll(() => api.stop());
beforeEach(async () => {
  api.channel.accept();
  api.notification.requests = [];
  api.notification.answer = { status: 200, body: JSON.stringify(ALL_ON) };
  bob = await PageVisitor.of(api, 'bob');
});

describe('a page without a session', () => {
  it.each([...PAGES, '/inbox?cursor=x', '/members/ann', `/sent/ann.${randomUUID()}/follow-up`])(
    '%s says so, and where to sign in',
    async (url) => {
      const response = await api.inject({ url });
      expect(response.statusCode).toBe(401);
      expect(response.headers['content-type']).toMatch(/^text\/html/);
      const back = encodeURIComponent(`${PUBLIC_URL}${url.split('?')[0]}`);
      expect(response.payload).toContain(`href="https://sign-in.example/?client=web&amp;return=${back}"`);
    },
  );

  it('accepts no invalid session and no bearer token', async () => {
    const expired = { cookie: `__Host-session=${await api.token({}, { expires: '-1m' })}` };
    const other = { cookie: `my-session=${await api.token()}` };
    for (const headers of [expired, other, { cookie: '__Host-session=' }, await api.as('bob')]) {
      expect((await api.inject({ url: '/inbox', headers })).statusCode).toBe(401);
    }
  });
});

it.each(PAGES)('%s links to signing in as somebody else', async (url) => {
  const back = encodeURIComponent(PUBLIC_URL + url);
  expect((await bob.get(url)).payload).toContain(
    `<a class="way" href="https://sign-in.example/?client=web&amp;return=${back}">Switch account</a>`,
  );
});

it('returns another account to the page of a member, who is the same for everybody', async () => {
  const linkOf = ({ payload }: { payload: string }) =>
    /href="https:\/\/sign-in[^"]*return=([^"]*)"/.exec(payload)?.[1];
  const back = encodeURIComponent(`${PUBLIC_URL}/invite/ann`);
  expect(linkOf(await bob.get('/invite/ann?lang=en'))).toBe(back);
  const stranger = await PageVisitor.of(api, 'bob');
  stranger.cookies.clear();
  expect(linkOf(await stranger.post('/invite/ann', { commandId: randomUUID() }))).toBe(back);
});

describe('an unknown URL', () => {
  const typed = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  it('is a page for a browser that navigates to it', async () => {
    const response = await api.inject({ url: '/inbocks', headers: typed });
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      404,
      'text/html; charset=utf-8',
    ]);
    expect(response.payload).toContain('lang="en"');
  });

  it.each([
    ['a program', { url: '/inbocks', headers: { accept: '*/*' } }],
    ['who asks the API', { url: '/v1/inbocks', headers: typed }],
    ['who sends something', { method: 'POST' as const, url: '/inbocks', headers: typed }],
  ])('is a problem for %s', async (_who, request) => {
    const response = await api.inject(request);
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
  });
});

describe('every form', () => {
  const forms = () =>
    [
      ...['inbox', 'archive'].flatMap((list) =>
        ['accept', 'reply'].map((act) => `/${list}/${invitationId}/${act}`),
      ),
      `/inbox/${invitationId}/ignore`,
      `/archive/${invitationId}/decline`,
      `/sent/${invitationId}/withdraw`,
      `/sent/${invitationId}/follow-up`,
      '/preferences',
    ].map((url) => ({ url, fields: { commandId: randomUUID(), message: 'Hello', all: 'on' } }));

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling host', { 'sec-fetch-site': 'same-site', origin: PUBLIC_URL }],
    ['no page at all', { 'sec-fetch-site': 'none', origin: PUBLIC_URL }],
    ['another origin, by an older browser', { origin: 'https://evil.example' }],
    ['an origin that begins like ours', { origin: `${PUBLIC_URL}.evil.example` }],
    ['a null origin', { origin: 'null' }],
    ['nobody knows where', { referer: `${PUBLIC_URL}/inbox` }],
  ])('is rejected from %s', async (_, headers) => {
    bob.headers = headers;
    for (const { url, fields } of forms()) {
      expect([url, (await bob.post(url, fields)).statusCode]).toEqual([url, 403]);
    }
    expect(api.channel.published).toEqual([]);
    expect(api.notification.requests).toEqual([]);
  });

  it('is accepted from its own origin when the browser sends nothing else', async () => {
    bob.headers = { origin: PUBLIC_URL };
    const { url, fields } = forms()[0]!;
    api.channel.refuse('NOT_OPEN');
    expect((await bob.post(url, fields)).statusCode).toBe(303);
    expect(api.channel.published).toHaveLength(1);
  });

  it('is rejected without a session, without a command id, for a malformed invitation id, and as JSON', async () => {
    const nobody = await PageVisitor.of(api, 'bob');
    nobody.cookies.delete('__Host-session');
    for (const { url, fields } of forms()) {
      expect((await nobody.post(url, fields)).statusCode).toBe(401);
      if (url === '/preferences') continue;
      // An id of version 8, which only the service may use.
      for (const commandId of ['', '1', '00000000-0000-8000-8000-000000000000']) {
        expect((await bob.post(url, { ...fields, commandId })).statusCode).toBe(400);
      }
      expect((await bob.post(url.replace(invitationId, 'x'), fields)).statusCode).toBe(404);
      const headers = {
        ...bob.headers,
        cookie: `__Host-session=${bob.cookies.get('__Host-session')}`,
        'content-type': 'application/json',
      };
      const json = await api.inject({ method: 'POST', url, headers, payload: JSON.stringify(fields) });
      expect(json.statusCode).toBe(400);
    }
    expect(api.channel.published).toEqual([]);
  });

  it('says that the outcome is pending, and that Kafka is unavailable', async () => {
    api.channel.answer = async () => undefined;
    const { url, fields } = forms()[0]!;
    const late = await bob.post(url, fields);
    expect([late.statusCode, late.payload.includes('longer than usual')]).toEqual([202, true]);
    expect(late.payload).toContain('href="/inbox"');
  });
});

describe('/preferences', () => {
  it('shows and saves the preferences', async () => {
    api.notification.answer.body = JSON.stringify({ ...ALL_ON, reminders: false });
    const page = await bob.get('/preferences');
    expect(page.statusCode).toBe(200);
    expect(page.payload.match(/ checked/g)).toHaveLength(4);
    const saved = await bob.press('/preferences', { all: 'on' });
    const put = api.notification.requests.find(({ method }) => method === 'PUT');
    expect(JSON.parse(put!.body)).toMatchObject({ all: true, replies: false });
    expect(saidOn(saved)).toBe('Settings saved');
    expect(saidOn(await bob.get('/preferences'))).toBeUndefined();
  });

  it('keeps the choice of kinds while all e-mails are off', async () => {
    api.notification.answer.body = JSON.stringify({ ...ALL_ON, all: false, replies: false });
    const saved = await bob.press('/preferences', {});
    expect(
      api.notification.requests.map(({ method, url }) => [method, url?.split('/').at(-1)]),
    ).toContainEqual(['DELETE', 'all']);
    expect(api.notification.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
    expect(saved.payload.match(/ checked/g)).toHaveLength(3);
  });
});

describe('a notice', () => {
  it('is shown once, has a known code, and shows no name to a stranger', async () => {
    bob.cookies.set('notice', `ignored~${invitationId}`);
    expect(saidOn(await bob.get('/inbox'))).toBe('Moved to your archive. Ann Lee isn’t told.');
    expect(saidOn(await bob.get('/inbox'))).toBeUndefined();

    const stranger = await PageVisitor.of(api, 'cid');
    stranger.cookies.set('notice', `ignored~${invitationId}`);
    expect(saidOn(await stranger.get('/inbox'))).toBe('Moved to your archive. Nobody is told.');

    for (const forged of ['<b>hello</b>', 'constructor', 'toString', 'ignored~../x', '']) {
      bob.cookies.set('notice', forged);
      const page = await bob.get('/inbox');
      expect([page.statusCode, page.payload.includes('hello')]).toEqual([200, false]);
    }
  });

  it('has a cookie that stays within the site and off unencrypted connections', async () => {
    api.channel.refuse('NOT_OPEN');
    const answer = await bob.post(`/inbox/${invitationId}/accept`, { commandId: randomUUID() });
    expect(answer.headers['set-cookie']).toBe(
      'notice=NOT_OPEN; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure',
    );
  });
});

describe('every page', () => {
  it.each([...PAGES, '/l/x'])('%s has a strict policy and is not cached', async (url) => {
    for (const visit of [() => api.inject({ url }), () => bob.get(url)]) {
      const { headers, payload } = await visit();
      const hash = /style-src '(sha256-[^']+)'/.exec(String(headers['content-security-policy']))?.[1];
      const style = /<style>([^<]*)<\/style>/.exec(payload)?.[1] ?? '';
      const digest = await crypto.subtle.digest('SHA-256', Buffer.from(style));
      expect(hash).toBe(`sha256-${Buffer.from(digest).toString('base64')}`);
      expect(headers).toMatchObject({
        'content-security-policy': `default-src 'none'; style-src '${hash}'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-language': 'en',
      });
      expect(headers).not.toHaveProperty('server');
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(payload).toMatch(/^<!doctype html><html lang="en" dir="ltr">/);
      expect(payload).not.toMatch(/ style=|<script(?! src=)| on[a-z]+=|javascript:/);
    }
  });

  it.each(PAGES)('%s is marked in the navigation, and links to the others', async (url) => {
    const { payload } = await bob.get(url);
    expect(payload.match(/aria-current="page"/g)).toHaveLength(1);
    expect(payload).toContain(`<a href="${url}" aria-current="page">`);
    for (const other of PAGES) expect(payload).toContain(`<a href="${other}"`);
    expect(payload).toContain('<a class="skip" href="#content">');
    expect(payload.match(/<h1>/g)).toHaveLength(1);
  });

  it('loads its script from this origin, which browsers may cache', async () => {
    const { payload } = await bob.get('/inbox');
    const script = await api.inject({ url: /<script src="([^"]+)"/.exec(payload)![1]! });
    expect([script.statusCode, script.headers['content-type']]).toEqual([
      200,
      'text/javascript; charset=utf-8',
    ]);
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await api.inject({ url: '/pages/other.js' })).statusCode).toBe(404);
  });
});
