import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { signLink } from '#libs/mail';
import { parseDurationMs } from '#libs/platform';
import { serviceUnavailable } from '../../../apps/api/src/http/problem.js';
import { type ApiHarness, openApiHarness, LINK_KEYS, START_MS } from './api-harness.js';
import { giveOutcomes } from '../../support/outcomes.js';

const rate = (count: number, period = 'PT1H') => ({ count, periodMs: parseDurationMs(period) });

let api: ApiHarness;

beforeAll(async () => {
  api = await openApiHarness({
    RATE_ADDRESS: rate(40),
    RATE_MEMBER: rate(20),
    RATE_SEND: rate(6),
    RATE_WRONG_EMAIL: rate(4),
    RATE_WRONG_EMAIL_RECIPIENT: rate(2),
    RATE_REFUSALS: rate(8),
    RATE_LINK_ADDRESS: rate(5),
    RATE_LINK: rate(3),
    TRUST_PROXY: '10.0.0.0/8',
  });
}, START_MS);
afterAll(() => api.stop());
beforeEach(() => api.channel.accept());

/** Each test uses its own members and addresses. */
let last = 0;
const fresh = () => `m${(last += 1)}`;
const lastOf = (ip: string) => ip.split('.').at(-1)!;
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

describe('the rate limit of an address', () => {
  const inbox = (headers: object, remoteAddress: string) =>
    api.inject({ url: '/v1/inbox', headers: headers as Record<string, string>, remoteAddress });

  it('counts every request of an address, and leaves other addresses alone', async () => {
    const from = address();
    for (let n = 0; n < 40; n += 1) expect((await inbox({}, from)).statusCode).toBe(401);
    expectTooMany(await inbox(await api.as(fresh()), from));
    expectTooMany(await api.inject({ url: '/no/such/route', remoteAddress: from }));
    expect((await inbox({}, address())).statusCode).toBe(401);
    for (const url of ['/healthz', '/readyz', '/metrics']) {
      expect((await api.inject({ url, remoteAddress: from })).statusCode).toBe(200);
    }
  });

  it('takes the address from a trusted proxy and from nobody else', async () => {
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

  it.each([
    ['a port that changes', (n: number, client: string) => `${client}:${40_000 + n}`],
    ['an IPv4 address in IPv6', (n: number, client: string) => (n % 2 === 0 ? client : `::ffff:${client}`)],
    [
      'addresses of one IPv6 network',
      (n: number, client: string) => `[2001:db8:${lastOf(client)}::${n}]:443`,
    ],
    ['entries that the client made up', (n: number, client: string) => `203.0.113.${n}, ${client}:80`],
    [
      'proxies with ports behind it',
      (n: number, client: string) => `${client}:${n}, 10.9.9.9:${n}, [::ffff:10.8.8.8]:1`,
    ],
    ['white space', (n: number, client: string) => `${' '.repeat(n % 3)}${client}\t, 10.9.9.9 ,,`],
    ['words in place of addresses', (n: number) => ['unknown', '_hidden', `x${n}`, '1.2.3'][n % 4]!],
  ])('counts an address together with %s', async (_, written) => {
    const client = address();
    for (let n = 0; n < 40; n += 1) {
      expect((await inbox({ 'x-forwarded-for': written(n, client) }, '10.0.0.1')).statusCode).toBe(401);
    }
    expect((await inbox({ 'x-forwarded-for': written(40, client) }, '::ffff:10.0.0.2')).statusCode).toBe(429);
    expect((await inbox({ 'x-forwarded-for': address() }, '10.0.0.1')).statusCode).toBe(401);
  });

  it('ignores `Forwarded` and `X-Real-IP`', async () => {
    const proxied = address();
    const status = async (n: number) =>
      (
        await inbox(
          { forwarded: `for=203.0.113.${n}`, 'x-real-ip': `203.0.113.${n}`, 'x-forwarded-for': proxied },
          '10.0.0.1',
        )
      ).statusCode;
    for (let n = 0; n < 40; n += 1) expect(await status(n)).toBe(401);
    expect(await status(40)).toBe(429);
  });
});

describe('the rate limits of a member', () => {
  it('count requests from all addresses, by token or by cookie', async () => {
    const member = fresh();
    const headers = await api.as(member);
    const cookie = { cookie: `__Host-session=${await api.token({ sub: member })}` };
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

  it('limit sent invitations, and a rejected one does not use up its Idempotency-Key (D10)', async () => {
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

  it('return the outcome of a decided command beyond the rate (D10), and of nobody else’s', async () => {
    const [member, accepted, refused, foreign] = [fresh(), randomUUID(), randomUUID(), randomUUID()];
    const outcomes = [
      { commandId: accepted, actorId: member },
      { commandId: refused, actorId: member, refusal: 'TOO_SOON' },
      { commandId: foreign, actorId: 'ann' },
    ];
    await giveOutcomes(api.db, outcomes);
    for (let n = 0; n < 6; n += 1) await send(member, {});
    expect((await send(member, {}, accepted)).statusCode).toBe(201);
    expect((await send(member, {}, refused)).json()).toMatchObject({ code: 'TOO_SOON' });
    expectTooMany(await send(member, {}, foreign));
  });

  it('consume nothing in an outage', async () => {
    const member = fresh();
    api.channel.answer = () => Promise.reject(serviceUnavailable(new Error('no broker')));
    for (let n = 0; n < 10; n += 1) expect((await guess(member, 'cid')).statusCode).toBe(503);
    api.channel.accept();
    expect((await guess(member, 'cid')).statusCode).toBe(201);
  });
});

describe('the rate limits of wrong e-mail addresses (D4)', () => {
  it('count for each recipient, and for each member', async () => {
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

  it('hold for concurrent guesses', async () => {
    const member = fresh();
    api.channel.published = [];
    api.channel.refuse('EMAIL_REQUIRED');
    const responses = await Promise.all(Array.from({ length: 6 }, () => guess(member, 'cid')));
    expect(responses.map(({ statusCode }) => statusCode).toSorted()).toEqual([422, 422, 429, 429, 429, 429]);
    expect(api.channel.published).toHaveLength(2);
  });

  it('count a guess while its outcome is unknown', async () => {
    const member = fresh();
    api.channel.answer = async () => undefined;
    expect((await guess(member, 'cid')).statusCode).toBe(202);
    expect((await guess(member, 'cid')).statusCode).toBe(202);
    expectTooMany(await guess(member, 'cid'));
  });

  it.each([undefined, 'RECIPIENT_UNAVAILABLE', 'TOO_SOON'] as const)(
    'do not count a response that says nothing about the address: %s',
    async (code) => {
      const member = fresh();
      if (code !== undefined) api.channel.refuse(code);
      for (let n = 0; n < 6; n += 1) expect((await guess(member, 'cid')).statusCode).not.toBe(429);
    },
  );

  it('neither count nor stop a send without an address', async () => {
    const member = fresh();
    api.channel.refuse('EMAIL_REQUIRED');
    for (let n = 0; n < 3; n += 1) expect((await send(member, {})).statusCode).toBe(422);
    expect((await guess(member, 'cid')).statusCode).toBe(422);
    expect((await guess(member, 'cid')).statusCode).toBe(422);
    expectTooMany(await guess(member, 'cid'));
    expect((await send(member, {})).statusCode).toBe(422);
  });

  it('repeat the response to the same key', async () => {
    const [member, key] = [fresh(), randomUUID()];
    api.channel.refuse('EMAIL_REQUIRED');
    await guess(member, 'cid', key);
    await giveOutcomes(api.db, [{ commandId: key, actorId: member, refusal: 'EMAIL_REQUIRED' }]);
    for (let n = 0; n < 3; n += 1)
      expect((await guess(member, 'cid', key)).json().code).toBe('EMAIL_REQUIRED');
  });
});

describe('the rate limit of refusals', () => {
  const acceptMadeUp = async (as: string, key: string = randomUUID()) =>
    api.inject({
      method: 'POST',
      url: `/v1/invitations/amal.${randomUUID()}/accept`,
      headers: { ...(await api.as(as)), 'idempotency-key': key },
      remoteAddress: address(),
    });

  it('counts refusals of all commands for a day; beyond it nothing is published or stored', async () => {
    const member = fresh();
    api.channel.published = [];
    api.channel.refuse('INVALID_COMMAND');
    for (let n = 0; n < 7; n += 1) expect((await acceptMadeUp(member)).statusCode).toBe(400);
    expect((await send(member, {})).statusCode).toBe(400);
    expectTooMany(await acceptMadeUp(member));
    expectTooMany(await send(member, {}));
    expect(api.channel.published).toHaveLength(8);
    expect((await acceptMadeUp(fresh())).statusCode).toBe(400);
  });

  it('holds for concurrent commands', async () => {
    const member = fresh();
    api.channel.published = [];
    api.channel.refuse('NOT_FOUND');
    const responses = await Promise.all(Array.from({ length: 12 }, () => acceptMadeUp(member)));
    expect(responses.filter(({ statusCode }) => statusCode === 429)).toHaveLength(4);
    expect(api.channel.published).toHaveLength(8);
  });

  it.each([
    ['is accepted', () => api.channel.accept()],
    ['is not decided in time', () => (api.channel.answer = async () => undefined)],
  ])('does not count what %s', async (_what, answer) => {
    const member = fresh();
    answer();
    for (let n = 0; n < 12; n += 1) expect((await acceptMadeUp(member)).statusCode).toBeLessThan(300);
  });

  it('repeats earlier refusals by their keys beyond the limit (D10)', async () => {
    const [member, key] = [fresh(), randomUUID()];
    await giveOutcomes(api.db, [{ commandId: key, actorId: member, refusal: 'NOT_OPEN' }]);
    api.channel.refuse('NOT_FOUND');
    for (let n = 0; n < 8; n += 1) await acceptMadeUp(member);
    expect((await acceptMadeUp(member, key)).json()).toMatchObject({ code: 'NOT_OPEN' });
    expectTooMany(await acceptMadeUp(member));
  });
});

describe('the rate limit of e-mail links', () => {
  const claims = { purpose: 'unsubscribe', memberId: 'bob' } as const;
  const link = (n: number) =>
    signLink(LINK_KEYS, { ...claims, expiresAt: new Date(Date.now() + 60_000 + n * 1_000) });
  const press = (url: string, from: string) => api.inject({ method: 'POST', url, remoteAddress: from });

  beforeEach(() => {
    const all = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };
    api.notification.answer = { status: 200, body: JSON.stringify(all) };
  });

  it('counts submissions of a link from all addresses, and no GET', async () => {
    const url = `/l/${link(1)}`;
    for (let n = 0; n < 3; n += 1) expect((await press(url, address())).statusCode).toBe(200);
    const response = await press(url, address());
    expect(response.statusCode).toBe(429);
    expect(response.headers['content-type']).toMatch(/^text\/html/);
    expect(response.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect((await api.inject({ url, remoteAddress: address() })).statusCode).toBe(200);
  });

  it('counts submissions from one address for all links', async () => {
    const from = address();
    for (let n = 10; n < 15; n += 1) expect((await press(`/l/${link(n)}`, from)).statusCode).toBe(200);
    expect((await press(`/l/${link(2)}`, from)).statusCode).toBe(429);
    expect((await press(`/l/${link(2)}`, address())).statusCode).toBe(200);
  });

  it('does not count an invalid link: others at that address can still unsubscribe', async () => {
    const from = address();
    await api.db.query('DELETE FROM read_models.rate_limits');
    const [id, , mac] = link(20).split('.');
    const expired = signLink(LINK_KEYS, { ...claims, expiresAt: new Date(Date.now() - 1) });
    for (let n = 0; n < 20; n += 1) {
      for (const token of [
        `none-${n}`,
        expired,
        `${id}.${Buffer.from(`{"n":${n}}`).toString('base64url')}.${mac}`,
      ]) {
        if (n > 6 && token !== expired) continue;
        expect((await press(`/l/${token}`, from)).statusCode).toBe(410);
      }
    }
    const { rows } = await api.db.query('SELECT bucket FROM read_models.rate_limits');
    expect(rows).toEqual([]);
    expect((await press(`/l/${link(21)}`, from)).statusCode).toBe(200);
  });
});
