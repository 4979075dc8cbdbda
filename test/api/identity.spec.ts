import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import { type ApiUnderTest, apiUnderTest, START_MS, AUDIENCE, ISSUER } from './api-under-test.js';

let api: ApiUnderTest;

beforeAll(async () => {
  api = await apiUnderTest();
}, START_MS);
afterAll(() => api.stop());

const ID = `ann.${randomUUID()}`;
const ROUTES: ['GET' | 'POST' | 'PUT', string, object?][] = [
  ['POST', '/v1/invitations', { recipientId: 'cid' }],
  ['POST', `/v1/invitations/${ID}/accept`],
  ['POST', `/v1/invitations/${ID}/reply`, { message: 'Hello' }],
  ['POST', `/v1/invitations/${ID}/ignore`],
  ['POST', `/v1/invitations/${ID}/decline`],
  ['POST', `/v1/invitations/${ID}/withdraw`],
  ['POST', '/v1/accounts/ann/lift-restriction', { reason: 'A mistake' }],
  ['GET', '/v1/inbox'],
  ['GET', '/v1/archive'],
  ['GET', '/v1/sent'],
  ['GET', '/v1/connections'],
  ['GET', '/v1/accounts/ann/restriction'],
  ['GET', `/v1/commands/${randomUUID()}`],
  ['GET', '/v1/email-preferences'],
  ['PUT', '/v1/email-preferences', { all: true }],
];

const soon = () => Math.floor(Date.now() / 1000) + 300;
const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const claims = () => ({ sub: 'bob', scope: 'operator', iss: ISSUER, aud: AUDIENCE, exp: soon() });

async function signedByOther(alg: string): Promise<string> {
  const { privateKey } = await generateKeyPair(alg);
  return new SignJWT(claims()).setProtectedHeader({ alg, kid: 'k1' }).sign(privateKey);
}

const BAD: [string, () => string | undefined | Promise<string | undefined>][] = [
  ['no token', () => undefined],
  ['another scheme', () => 'Basic Ym9iOmJvYg=='],
  ['no token after Bearer', () => 'Bearer '],
  ['a token that is none', () => 'Bearer a.b.c'],
  ['two tokens', async () => `Bearer ${await api.token()} ${await api.token()}`],
  ['alg none', () => `Bearer ${encoded({ alg: 'none' })}.${encoded(claims())}.`],
  [
    'a shared secret',
    async () => {
      const jwt = new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'k1' });
      return `Bearer ${await jwt.sign(Buffer.alloc(32, 1))}`;
    },
  ],
  ['the key of another', async () => `Bearer ${await signedByOther('EdDSA')}`],
  ['a key of another kind', async () => `Bearer ${await signedByOther('ES256')}`],
  ['a changed payload', async () => changed(await api.token(), claims())],
  ['an expired token', async () => `Bearer ${await api.token({}, { expires: '-1m' })}`],
  ['a token not yet good', async () => `Bearer ${await api.token({ nbf: soon() })}`],
  ['another issuer', async () => `Bearer ${await api.token({ iss: 'https://other.example' })}`],
  ['another audience', async () => `Bearer ${await api.token({ aud: 'other' })}`],
  ['a sub that is no member id', async () => `Bearer ${await api.token({ sub: 'ann.bob' })}`],
  ['an empty sub', async () => `Bearer ${await api.token({ sub: '' })}`],
];

function changed(token: string, payload: object): string {
  const [header, , signature] = token.split('.');
  return `Bearer ${header}.${encoded(payload)}.${signature}`;
}

describe.each(ROUTES)('%s %s', (method, url, payload) => {
  it.each(BAD)('is 401 with %s', async (_, header) => {
    const authorization = await header();
    const response = await api.inject({
      method,
      url,
      headers: authorization === undefined ? {} : { authorization },
      ...(payload === undefined ? {} : { payload }),
    });
    expect([response.statusCode, response.json().code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(response.headers['www-authenticate']).toBe('Bearer');
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(api.channel.published).toEqual([]);
  });
});

it('takes no session cookie for a token: forms of other sites bring it along', async () => {
  const headers = { cookie: `session=${await api.token()}` };
  expect((await api.inject({ url: '/v1/inbox', headers })).statusCode).toBe(401);
});

it('takes the scheme in any case', async () => {
  const authorization = `bearer ${await api.token()}`;
  expect((await api.inject({ url: '/v1/inbox', headers: { authorization } })).statusCode).toBe(200);
});
