import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type LinkClaims, parseLinkKeys, signLink } from '#libs/mail';
import { REFUSAL_CODES } from '#libs/contracts';
import { storeOutcomes } from '#libs/read-models';
import { type ApiUnderTest, apiUnderTest, START_MS, LINK_KEYS } from './api-under-test.js';
import { closeInvitation, giveInvitation, giveMember } from './given-rows.js';

let api: ApiUnderTest;
let invitationId: string;
let numbered = 0;

const ALL_ON = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };

beforeAll(async () => {
  api = await apiUnderTest();
  await giveMember(api.db, { id: 'ann', name: 'Ann <b>Lee</b>', profileUrl: 'javascript:alert(1)' });
}, START_MS);
afterAll(() => api.stop());
beforeEach(async () => {
  api.channel.accept();
  api.notification.requests = [];
  api.notification.answer = { status: 200, body: JSON.stringify(ALL_ON) };
  numbered += 1;
  const message = '<script>alert(1)</script>';
  invitationId = await giveInvitation(api.db, { n: numbered, inviterId: 'ann', recipientId: 'bob', message });
});

function link(change: Partial<LinkClaims> = {}, keys = LINK_KEYS): string {
  const expiresAt = new Date(Date.now() + 60_000);
  return `/l/${signLink(keys, { purpose: 'accept', memberId: 'bob', invitationId, expiresAt, ...change })}`;
}

const get = (url: string, method: 'GET' | 'HEAD' = 'GET') => api.inject({ method, url });
const post = (url: string, payload?: string, type = 'application/x-www-form-urlencoded') =>
  api.inject({
    method: 'POST',
    url,
    ...(payload === undefined ? {} : { payload, headers: { 'content-type': type } }),
  });

describe('a link that accepts (R11, D12)', () => {
  it('shows the invitation and a button, and does nothing on GET and HEAD', async () => {
    const url = link();
    const response = await get(url);
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(response.payload).toContain('<form method="post"><button type="submit">Accept</button></form>');
    const head = await get(url, 'HEAD');
    expect([head.statusCode, head.payload]).toEqual([200, '']);
    expect(api.channel.published).toEqual([]);
  });

  it('escapes what members wrote, and links to no profile that is not on the web', async () => {
    const { payload } = await get(link());
    expect(payload).toContain('Ann &lt;b>Lee&lt;/b>');
    expect(payload).not.toMatch(/<script|javascript:/);
  });

  it('accepts on POST, as the member to whom the e-mail went', async () => {
    const response = await post(link());
    expect(response.statusCode).toBe(200);
    expect(response.payload).toContain('You and Ann &lt;b>Lee&lt;/b> are now connected');
    expect(api.channel.published).toMatchObject([
      { type: 'invitations.accept.v1', data: { invitationId, actorId: 'bob', via: 'email' } },
    ]);
  });

  it('is one command however often it is pressed (D10), and shows the same page', async () => {
    const url = link();
    const [first, second] = [await post(url), await post(url, '')];
    expect(second.payload).toBe(first.payload);
    const [one, other] = api.channel.published;
    expect(one?.commandId).toBe(other?.commandId);

    await closeInvitation(api.db, invitationId);
    await storeOutcomes(api.db, [{ commandId: one!.commandId, actorId: 'bob' }], new Date().toISOString());
    const shownAgain = await get(url);
    expect([shownAgain.statusCode, shownAgain.payload]).toEqual([200, first.payload]);
  });

  it('is another command with another link', async () => {
    await post(link());
    await post(link({ expiresAt: new Date(Date.now() + 120_000) }));
    expect(new Set(api.channel.published.map(({ commandId }) => commandId)).size).toBe(2);
  });

  it('says so when the outcome takes long', async () => {
    api.channel.answer = async () => undefined;
    const url = link();
    const response = await post(url);
    expect(response.statusCode).toBe(202);
    expect(response.payload).toContain(`href="${url}"`);
  });

  it('is not hidden from a member who ignored the invitation (D5)', async () => {
    numbered += 1;
    const ignored = { n: numbered, inviterId: 'ann', recipientId: 'bob', ignored: true };
    const id = await giveInvitation(api.db, ignored);
    expect((await get(link({ invitationId: id }))).statusCode).toBe(200);
  });
});

describe('what is not open, or no longer', () => {
  const forged = parseLinkKeys(`k1:${Buffer.alloc(32, 2).toString('base64url')}`);

  it('is one page with one status, whatever the cause (D2)', async () => {
    const closed = link();
    await closeInvitation(api.db, invitationId);
    const seen = new Set<string>();
    const note = async (response: Awaited<ReturnType<typeof get>>) => {
      const { date: _date, 'content-length': length, ...headers } = response.headers;
      seen.add(JSON.stringify([response.statusCode, length, headers, response.payload]));
    };
    const bad = [
      '/l/x',
      '/l/a.b.c',
      `/l/${'a'.repeat(5000)}`,
      link({}, forged),
      link({ expiresAt: new Date(Date.now() - 1) }),
      link({ invitationId: `ann.${randomUUID()}` }),
      link().slice(0, -1),
    ];
    for (const url of [closed, ...bad]) await note(await get(url));
    for (const code of REFUSAL_CODES) {
      api.channel.refuse(code);
      await note(await post(link()));
    }
    for (const url of bad) await note(await post(url));
    expect([...seen]).toHaveLength(1);
    expect([...seen][0]).toMatch(/^\[410/);
  });

  it('leaks no other member: a link of one opens nothing of another', async () => {
    expect((await get(link({ memberId: 'cid' }))).statusCode).toBe(410);
  });
});

describe('a link that ends e-mails', () => {
  const path = '/internal/members/bob/email-preferences';

  it.each([
    ['reminders' as const, { ...ALL_ON, reminders: false }],
    [undefined, { ...ALL_ON, all: false }],
  ])('of kind %s: shows on GET, acts on POST (RFC 8058)', async (kind, kept) => {
    const url = link({ purpose: 'unsubscribe', ...(kind === undefined ? {} : { kind }) });
    expect((await get(url)).statusCode).toBe(200);
    expect(api.notification.requests).toEqual([]);
    const response = await post(url, 'List-Unsubscribe=One-Click');
    expect(response.statusCode).toBe(200);
    expect(api.notification.requests.map(({ method, url }) => [method, url])).toEqual([
      ['GET', path],
      ['PUT', path],
    ]);
    expect(JSON.parse(api.notification.requests[1]!.body)).toEqual(kept);
    expect(api.channel.published).toEqual([]);
  });

  it('takes the one-click form as multipart, too', async () => {
    const form =
      '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n';
    const url = link({ purpose: 'unsubscribe' });
    expect((await post(url, form, 'multipart/form-data; boundary=x')).statusCode).toBe(200);
  });

  it('is a page that says to come back when the preferences are out of reach', async () => {
    api.notification.answer = { status: 500, body: '' };
    const response = await post(link({ purpose: 'unsubscribe' }));
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('5');
    expect(response.headers['content-type']).toMatch(/^text\/html/);
  });
});

describe('a link to the preferences', () => {
  it('shows and saves them without a login', async () => {
    const url = link({ purpose: 'preferences' });
    const page = await get(url);
    expect(page.payload.match(/type="checkbox"/g)).toHaveLength(5);
    const saved = await post(url, 'all=on&replies=on&admin=on');
    expect(saved.statusCode).toBe(200);
    expect(JSON.parse(api.notification.requests.at(-1)!.body)).toEqual({
      all: true,
      invitations: false,
      reminders: false,
      acceptances: false,
      replies: true,
    });
    expect((await post(url, '{}', 'application/json')).statusCode).toBe(400);
  });
});

describe('without keys', () => {
  it(
    'no link is good',
    async () => {
      const keyless = await apiUnderTest({}, null);
      try {
        expect((await keyless.inject({ url: link() })).statusCode).toBe(410);
      } finally {
        await keyless.stop();
      }
    },
    START_MS,
  );
});
