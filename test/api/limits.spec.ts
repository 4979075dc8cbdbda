import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { signLink } from '#libs/mail';
import { durationMs } from '#libs/platform';
import { storeOutcomes } from '#libs/read-models';
import { unavailable } from '../../apps/api/src/http/problem.js';
import { type ApiUnderTest, apiUnderTest, LINK_KEYS, START_MS } from './api-under-test.js';

const rate = (count: number, period = 'PT1H') => ({ count, periodMs: durationMs(period) });

let api: ApiUnderTest;

beforeAll(async () => {
  api = await apiUnderTest({
    RATE_ADDRESS: rate(40),
    RATE_MEMBER: rate(20),
    RATE_SEND: rate(6),
    RATE_WRONG_EMAIL: rate(4),
    RATE_WRONG_EMAIL_RECIPIENT: rate(2),
    RATE_LINK_ADDRESS: rate(5),
    RATE_LINK: rate(3),
    TRUST_PROXY: '10.0.0.0/8',
  });
}, START_MS);
afterAll(() => api.stop());
beforeEach(() => api.channel.accept());

/** Each test has members and addresses of its own. */
let last = 0;
const fresh = () => `m${(last += 1)}`;
const address = () => `198.51.100.${(last += 1)}`;

async function send(as: string, body: object, key: string = randomUUID(), remoteAddress = address()) {
  return api.inject({
    method: 'POST',
    url: '/v1/invitations',
    headers: { ...(await api.as(as)), 'idempotency-key': key },
    payload: { recipientId: 'cid', ...body },
    remoteAddress,
  });
}

const guess = (as: string, recipientId: string, key?: string) =>
  send(as, { recipientId, recipientEmail: 'guess@network.example' }, key);

function expectTooMany(response: { statusCode: number; headers: object; json(): unknown }): void {
  expect([response.statusCode, response.json()]).toEqual([
    429,
    { type: 'about:blank', title: 'Too Many Requests', status: 429, code: 'RATE_LIMITED' },
  ]);
  expect(response.headers).toMatchObject({
    'content-type': expect.stringMatching(/^application\/problem\+json/),
    'retry-after': expect.stringMatching(/^[1-9]\d*$/),
  });
}

describe('an address', () => {
  const inbox = (headers: object, remoteAddress: string) =>
    api.inject({ url: '/v1/inbox', headers: headers as Record<string, string>, remoteAddress });

  it('may ask so often, whatever it asks; then others still may', async () => {
    const from = address();
    for (let n = 0; n < 40; n += 1) expect((await inbox({}, from)).statusCode).toBe(401);
    expectTooMany(await inbox(await api.as(fresh()), from));
    expectTooMany(await api.inject({ url: '/no/such/route', remoteAddress: from }));
    expect((await inbox({}, address())).statusCode).toBe(401);
    for (const url of ['/healthz', '/readyz', '/metrics']) {
      expect((await api.inject({ url, remoteAddress: from })).statusCode).toBe(200);
    }
  });

  it('is what a trusted proxy says it is, and nobody else', async () => {
    const status = async (proxy: string, client: string) =>
      (await inbox({ 'x-forwarded-for': client }, proxy)).statusCode;
    const [liar, client] = [address(), address()];
    for (let n = 0; n < 40; n += 1) {
      expect(await status('10.0.0.1', client)).toBe(401);
      expect(await status(liar, `203.0.113.${n}`)).toBe(401);
    }
    expect(await status('10.0.0.1', client)).toBe(429);
    expect(await status('10.0.0.1', `${address()}, ${client}`)).toBe(429);
    expect(await status('10.0.0.1', address())).toBe(401);
    expect(await status(liar, '203.0.113.99')).toBe(429);
  });
});

describe('a member', () => {
  it('may ask so often, from wherever, by token or by cookie', async () => {
    const member = fresh();
    const headers = await api.as(member);
    const cookie = { cookie: `session=${await api.token({ sub: member })}` };
    const ask = (url: string, headers: Record<string, string>) =>
      api.inject({ url, headers, remoteAddress: address() });
    for (let n = 0; n < 10; n += 1) {
      expect((await ask('/v1/inbox', headers)).statusCode).toBe(200);
      expect((await ask('/inbox', cookie)).statusCode).toBe(200);
    }
    expectTooMany(await ask('/v1/inbox', headers));
    const page = await ask('/inbox', cookie);
    expect(page.statusCode).toBe(429);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.headers).toHaveProperty('retry-after');
    expect((await ask('/v1/inbox', await api.as(fresh()))).statusCode).toBe(200);
  });

  it('sends so many invitations, and no refused one uses up its Idempotency-Key (D10)', async () => {
    const [member, key] = [fresh(), randomUUID()];
    for (let n = 0; n < 6; n += 1) expect((await send(member, {})).statusCode).toBe(201);
    api.channel.published = [];
    expectTooMany(await send(member, {}, key));
    expect(api.channel.published).toEqual([]);
    await api.db.query('DELETE FROM read_models.rate_limits');
    expect((await send(member, {}, key)).json()).toEqual({
      invitationId: `${member}.${key}`,
      commandId: key,
    });
  });

  it('hears of what was decided before, also beyond the rate (D10), and of nobody else’s', async () => {
    const [member, accepted, refused, foreign] = [fresh(), randomUUID(), randomUUID(), randomUUID()];
    const outcomes = [
      { commandId: accepted, actorId: member },
      { commandId: refused, actorId: member, refusal: 'TOO_SOON' },
      { commandId: foreign, actorId: 'ann' },
    ];
    await storeOutcomes(api.db, outcomes, new Date().toISOString());
    for (let n = 0; n < 6; n += 1) await send(member, {});
    expect((await send(member, {}, accepted)).statusCode).toBe(201);
    expect((await send(member, {}, refused)).json()).toMatchObject({ code: 'TOO_SOON' });
    expectTooMany(await send(member, {}, foreign));
  });

  it('loses nothing to an outage', async () => {
    const member = fresh();
    api.channel.answer = () => Promise.reject(unavailable(new Error('no broker')));
    for (let n = 0; n < 10; n += 1) expect((await guess(member, 'cid')).statusCode).toBe(503);
    api.channel.accept();
    expect((await guess(member, 'cid')).statusCode).toBe(201);
  });
});

describe('guessing an e-mail address (D4)', () => {
  it('is slow for each recipient, and for each member', async () => {
    const member = fresh();
    api.channel.refuse('EMAIL_REQUIRED');
    const statuses: number[] = [];
    for (const recipient of ['cid', 'cid', 'cid', 'dan', 'dan', 'eve']) {
      const response = await guess(member, recipient);
      statuses.push(response.statusCode);
      if (response.statusCode === 429) expectTooMany(response);
    }
    expect(statuses).toEqual([422, 422, 429, 422, 422, 429]);
    expect((await guess(fresh(), 'cid')).statusCode).toBe(422);
  });

  it('is slow, too, when all guesses come at once', async () => {
    const member = fresh();
    api.channel.published = [];
    api.channel.refuse('EMAIL_REQUIRED');
    const responses = await Promise.all(Array.from({ length: 6 }, () => guess(member, 'cid')));
    expect(responses.map(({ statusCode }) => statusCode).toSorted()).toEqual([422, 422, 429, 429, 429, 429]);
    expect(api.channel.published).toHaveLength(2);
  });

  it('counts as long as its outcome is not known', async () => {
    const member = fresh();
    api.channel.answer = async () => undefined;
    expect((await guess(member, 'cid')).statusCode).toBe(202);
    expect((await guess(member, 'cid')).statusCode).toBe(202);
    expectTooMany(await guess(member, 'cid'));
  });

  it.each([undefined, 'RECIPIENT_UNAVAILABLE', 'TOO_SOON'] as const)(
    'is none where the answer is no word about the address: %s',
    async (code) => {
      const member = fresh();
      if (code !== undefined) api.channel.refuse(code);
      for (let n = 0; n < 6; n += 1) expect((await guess(member, 'cid')).statusCode).not.toBe(429);
    },
  );

  it('is no send without an address, and stops none', async () => {
    const member = fresh();
    api.channel.refuse('EMAIL_REQUIRED');
    for (let n = 0; n < 3; n += 1) expect((await send(member, {})).statusCode).toBe(422);
    expect((await guess(member, 'cid')).statusCode).toBe(422);
    expect((await guess(member, 'cid')).statusCode).toBe(422);
    expectTooMany(await guess(member, 'cid'));
    expect((await send(member, {})).statusCode).toBe(422);
  });

  it('hears the same answer again by its key', async () => {
    const [member, key] = [fresh(), randomUUID()];
    api.channel.refuse('EMAIL_REQUIRED');
    await guess(member, 'cid', key);
    await storeOutcomes(
      api.db,
      [{ commandId: key, actorId: member, refusal: 'EMAIL_REQUIRED' }],
      new Date().toISOString(),
    );
    for (let n = 0; n < 3; n += 1)
      expect((await guess(member, 'cid', key)).json().code).toBe('EMAIL_REQUIRED');
  });
});

describe('the button behind a link', () => {
  const claims = { purpose: 'unsubscribe', memberId: 'bob' } as const;
  const link = (n: number) =>
    signLink(LINK_KEYS, { ...claims, expiresAt: new Date(Date.now() + 60_000 + n * 1_000) });
  const press = (url: string, from: string) => api.inject({ method: 'POST', url, remoteAddress: from });

  beforeEach(() => {
    const all = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };
    api.notification.answer = { status: 200, body: JSON.stringify(all) };
  });

  it('is pressed so often, by whomever; looking is free', async () => {
    const url = `/l/${link(1)}`;
    for (let n = 0; n < 3; n += 1) expect((await press(url, address())).statusCode).toBe(200);
    const response = await press(url, address());
    expect(response.statusCode).toBe(429);
    expect(response.headers['content-type']).toMatch(/^text\/html/);
    expect(response.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect((await api.inject({ url, remoteAddress: address() })).statusCode).toBe(200);
  });

  it('is pressed so often from one address, whatever the link', async () => {
    const from = address();
    for (let n = 0; n < 5; n += 1) expect((await press(`/l/none-${n}`, from)).statusCode).toBe(410);
    expect((await press(`/l/${link(2)}`, from)).statusCode).toBe(429);
    expect((await press(`/l/${link(2)}`, address())).statusCode).toBe(200);
  });
});
