import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiHarness, openApiHarness, START_MS } from './api-harness.js';
import {
  giveInvitation,
  giveMember,
  replyToInvitation,
  closeInvitation,
  supersedeInvitation,
} from './given-rows.js';

let api: ApiHarness;

beforeAll(async () => {
  api = await openApiHarness();
  await giveMember(api.db, {
    id: 'ann',
    name: 'Ann Lee',
    headline: 'Engineer',
    profileUrl: 'https://x.example/ann',
  });
  await giveMember(api.db, { id: 'bob', name: 'Bob Ray' });
  for (let day = 1; day <= 5; day += 1) {
    const sentAt = `2026-01-0${day}T00:00:00.000Z`;
    await giveInvitation(api.db, {
      n: day,
      inviterId: 'ann',
      recipientId: 'bob',
      sentAt,
      message: `No. ${day}`,
    });
  }
  await giveInvitation(api.db, { n: 9, inviterId: 'gone', recipientId: 'bob', ignored: true });
}, START_MS);
afterAll(() => api.stop());

const get = async (url: string, as = 'bob') => api.inject({ url, headers: await api.as(as) });

describe('GET /v1/inbox', () => {
  it('returns inviters without their e-mail addresses, newest first, page by page', async () => {
    const messages: string[] = [];
    let url = '/v1/inbox?limit=2';
    for (let page = 1; page <= 3; page += 1) {
      const response = await get(url);
      expect(response.statusCode).toBe(200);
      const { items, next } = response.json<{ items: { message: string }[]; next?: string }>();
      messages.push(...items.map(({ message }) => message));
      expect(next === undefined).toBe(page === 3);
      url = `/v1/inbox?limit=2&cursor=${next}`;
    }
    expect(messages).toEqual(['No. 5', 'No. 4', 'No. 3', 'No. 2', 'No. 1']);
    const [item] = (await get('/v1/inbox')).json<{ items: unknown[] }>().items;
    expect(item).toEqual({
      invitationId: expect.stringMatching(/^ann\./),
      inviter: { id: 'ann', name: 'Ann Lee', headline: 'Engineer', profileUrl: 'https://x.example/ann' },
      message: 'No. 5',
      sentAt: '2026-01-05T00:00:00.000Z',
    });
  });

  it('counts the connections in common, and no invitation, also in the archive (D1)', async () => {
    const connect = (member: string, ...others: string[]) =>
      api.db.query(
        `INSERT INTO read_models.connections SELECT $1 || ' ' || other, $1, other, now() FROM unnest($2::text[]) AS other`,
        [member, others],
      );
    const counts = async (list: string) =>
      (await get(`/v1/${list}?include=connectionsInCommon`))
        .json<{ items: { connectionsInCommon?: number }[] }>()
        .items.map(({ connectionsInCommon }) => connectionsInCommon);
    await connect('bob', 'cid', 'dan', 'eve');
    await connect('ann', 'dan', 'eve', 'fay');
    await giveInvitation(api.db, { n: 20, inviterId: 'cid', recipientId: 'ann', ignored: true });
    expect(await counts('inbox')).toEqual([2, 2, 2, 2, 2]);
    expect(await counts('archive')).toEqual([undefined]);
    await connect('gone', 'cid');
    expect(await counts('archive')).toEqual([1]);
    // Counting costs more than the list, so it is done only on request.
    expect((await get('/v1/inbox')).payload).not.toContain('connectionsInCommon');
    expect((await get('/v1/inbox?include=everything')).statusCode).toBe(400);
    await api.db.query('DELETE FROM read_models.connections');
    expect(await counts('inbox')).toEqual(Array(5).fill(undefined));
  });

  it('returns only the invitations of the authenticated member', async () => {
    expect((await get('/v1/inbox', 'ann')).json()).toEqual({ items: [] });
  });
});

describe('GET /v1/archive', () => {
  it('returns ignored invitations, and the id of an inviter whose profile is gone', async () => {
    expect((await get('/v1/archive')).json()).toMatchObject({
      items: [{ inviter: { id: 'gone', name: 'gone' } }],
    });
  });
});

describe('GET /v1/sent', () => {
  it('shows an ignored invitation like any other (D1)', async () => {
    const { items } = (await get('/v1/sent', 'gone')).json<{ items: object[] }>();
    expect(items.map((item) => Object.keys(item).toSorted())).toEqual([
      ['invitationId', 'recipient', 'sentAt', 'status'],
    ]);
    expect(items).toMatchObject([{ recipient: { id: 'bob', name: 'Bob Ray' }, status: 'pending' }]);
  });

  it('returns the text of a reply and its time (D18)', async () => {
    await replyToInvitation(api.db, 'gone.00000000-0000-4000-8000-000000000009', 'Who are you?');
    expect((await get('/v1/sent', 'gone')).json()).toMatchObject({
      items: [{ status: 'replied', reply: 'Who are you?', repliedAt: '2026-01-02T00:00:00.000Z' }],
    });
  });

  it('has one item for an invitation and its follow-up, with the reply to the earlier one (D2, D18)', async () => {
    const of = (n: number, day: number) => ({
      n,
      inviterId: 'zoe',
      recipientId: 'bob',
      sentAt: `2026-02-0${day}T00:00:00.000Z`,
    });
    const [withdrawn, first, second] = [
      await giveInvitation(api.db, of(30, 1)),
      await giveInvitation(api.db, of(31, 2)),
      await giveInvitation(api.db, of(32, 3)),
    ];
    await api.db.query(`UPDATE read_models.sent SET status = 'withdrawn' WHERE invitation_id = $1`, [
      withdrawn,
    ]);
    await replyToInvitation(api.db, first, 'Who are you?');
    for (const id of [first, second]) await supersedeInvitation(api.db, id);
    const followUp = await giveInvitation(api.db, of(33, 4));
    const earlier = { invitationId: first, reply: 'Who are you?', repliedAt: '2026-01-02T00:00:00.000Z' };
    const { items } = (await get('/v1/sent', 'zoe')).json<{ items: object[] }>();
    expect(items).toMatchObject([
      { invitationId: followUp, earlierReplies: [earlier] },
      { invitationId: withdrawn },
    ]);
    expect(items.map((item) => 'earlierReplies' in item)).toEqual([true, false]);
    const page = async (cursor = '') =>
      (await get(`/v1/sent?limit=1${cursor}`, 'zoe')).json<{ items: object[]; next?: string }>();
    const { next } = await page();
    expect(await page(`&cursor=${next}`)).toEqual({ items: items.slice(1) });
    for (const id of [withdrawn, first, second, followUp]) await closeInvitation(api.db, id);
    await api.db.query(`DELETE FROM read_models.sent WHERE inviter_id = 'zoe'`);
  });
});

describe('GET /v1/connections', () => {
  it('returns the connections of the authenticated member with their dates, page by page', async () => {
    for (const [n, other] of ['ann', 'cid', 'dan'].entries()) {
      const row = [`bob ${other}`, 'bob', other, `2026-01-0${n + 1}T00:00:00.000Z`];
      await api.db.query('INSERT INTO read_models.connections VALUES ($1, $2, $3, $4)', row);
    }
    const first = (await get('/v1/connections?limit=2')).json<{ items: unknown[]; next: string }>();
    expect(first.items).toEqual([
      { memberId: 'dan', since: '2026-01-03T00:00:00.000Z' },
      { memberId: 'cid', since: '2026-01-02T00:00:00.000Z' },
    ]);
    expect((await get(`/v1/connections?limit=2&cursor=${first.next}`)).json()).toEqual({
      items: [{ memberId: 'ann', since: '2026-01-01T00:00:00.000Z' }],
    });
    expect((await get('/v1/connections', 'ann')).json()).toEqual({ items: [] });
  });
});

describe('GET /v1/accounts/{id}/restriction', () => {
  const restriction = async (account: string, scope?: string) =>
    api.inject({ url: `/v1/accounts/${account}/restriction`, headers: await api.as('olga', scope) });

  it('admits operators only, and does not tell how the restriction came about (R29)', async () => {
    const row = ['ann', true, '2026-01-01T00:00:00.000Z'];
    await api.db.query('INSERT INTO read_models.account_restriction VALUES ($1, $2, $3)', row);
    expect((await restriction('ann')).statusCode).toBe(403);
    expect((await restriction('ann', 'operator')).json()).toEqual({
      accountId: 'ann',
      restricted: true,
      since: '2026-01-01T00:00:00.000Z',
    });
    expect((await restriction('bob', 'operator')).json()).toEqual({ accountId: 'bob', restricted: false });
    expect((await restriction('a%20b', 'operator')).statusCode).toBe(404);
  });
});

const cursorOf = (text: string) => Buffer.from(text).toString('base64url');

describe.each(['/v1/inbox', '/v1/archive', '/v1/sent', '/v1/connections'])('%s', (url) => {
  it.each([
    ...['0', '101', 'abc', '-1', '1.5', '1e1', '0x10', '%2030', '', '9999999999'].map(
      (limit) => `limit=${limit}`,
    ),
    'limit=1&limit=2',
    ...['x', '%00', '!!!', 'a'.repeat(301), 'é'].map((cursor) => `cursor=${encodeURIComponent(cursor)}`),
    'cursor=x&cursor=y',
    `cursor=${cursorOf('2026-01-01T00:00:00.000Z')}`,
    `cursor=${cursorOf('2026-01-01T00:00:00.000Z ')}`,
    `cursor=${cursorOf('2026-01-01T00:00:00.000Z a b')}`,
    `cursor=${cursorOf('2026-01-01T00:00:00.000Z \u0000')}`,
    `cursor=${cursorOf("2026-01-01T00:00:00.000Z ann'--")}`,
    `cursor=${cursorOf('2026-01-01 ann')}`,
    `cursor=${cursorOf('+010000-01-01T00:00:00.000Z ann')}`,
    `cursor=${cursorOf('-000001-01-01T00:00:00.000Z ann')}`,
    `cursor=${cursorOf('0000-01-01T00:00:00.000Z ann')}`,
  ])('rejects ?%s', async (query) => {
    const response = await get(`${url}?${query}`);
    expect([query, response.statusCode, response.json().code]).toEqual([query, 400, 'INVALID_COMMAND']);
    const problem = query.startsWith('limit=') ? 'limit must be a number from 1 to 100' : /^cursor /;
    expect(response.json().detail).toMatch(problem);
  });

  it('accepts limits of 1 and 100, and must not be cached', async () => {
    for (const limit of [1, 100]) {
      const response = await get(`${url}?limit=${limit}`);
      expect(response.statusCode).toBe(200);
      expect(response.headers['cache-control']).toBe('no-store');
    }
  });
});
