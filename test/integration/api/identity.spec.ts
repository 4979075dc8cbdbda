import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { type ApiHarness, openApiHarness, START_MS, AUDIENCE, ISSUER } from './api-harness.js';
import { addressOf, collectRoutes, kindOf, type Kind, type Route } from './routes.js';

const routes = collectRoutes();
let api: ApiHarness;
let publicKey: JWK;

beforeAll(async () => {
  api = await openApiHarness();
  [publicKey] = api.jwks.keys as [JWK];
}, START_MS);
afterAll(() => api.stop());
beforeEach(() => api.channel.accept());

const soon = () => Math.floor(Date.now() / 1000) + 300;
const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const claims = () => ({ sub: 'bob', scope: 'operator', iss: ISSUER, aud: AUDIENCE, exp: soon() });

async function signedByOther(alg: string): Promise<string> {
  const { privateKey } = await generateKeyPair(alg);
  return new SignJWT(claims()).setProtectedHeader({ alg, kid: 'k1' }).sign(privateKey);
}

/** Tokens with one fault each. Without it, each would admit an operator. */
const BAD: [string, () => string | Promise<string>][] = [
  ['a token that is none', () => 'a.b.c'],
  ['an empty token', () => ''],
  ['alg none', () => `${encoded({ alg: 'none' })}.${encoded(claims())}.`],
  ['alg None', () => `${encoded({ alg: 'None', kid: 'k1' })}.${encoded(claims())}.`],
  [
    'alg none and a signature',
    async () => `${encoded({ alg: 'none' })}.${encoded(claims())}.${(await api.token()).split('.')[2]}`,
  ],
  ['a good token without its signature', async () => (await api.token(claims())).replace(/[^.]+$/, '')],
  ['a shared secret', () => withSecret(Buffer.alloc(32, 1))],
  ['the public key as a shared secret, raw', () => withSecret(Buffer.from(publicKey.x!, 'base64url'))],
  ['the public key as a shared secret, in PEM', () => withSecret(Buffer.from(pem()))],
  ['the public key as a shared secret, as JWK', () => withSecret(Buffer.from(JSON.stringify(publicKey)))],
  ['the key of another', () => signedByOther('EdDSA')],
  ['a key of another kind', () => signedByOther('ES256')],
  [
    'an algorithm that is not its key’s',
    async () => (await signedByOther('ES256')).replace(/^[^.]+/, encoded({ alg: 'EdDSA', kid: 'k1' })),
  ],
  ['an algorithm of RSA for a key that is none', async () => await signedByOther('RS256')],
  ['a key that it brings itself', () => withItsOwnKey('jwk')],
  ['a key that it says where to find', () => withItsOwnKey('jku')],
  [
    'a key that nobody knows',
    async () => new SignJWT(claims()).setProtectedHeader({ alg: 'EdDSA', kid: 'k2' }).sign(api.privateKey),
  ],
  [
    'a header that must be understood',
    async () =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: 'EdDSA', kid: 'k1', crit: ['x'], x: 1 })
        .sign(api.privateKey, { crit: { x: true } }),
  ],
  ['a changed payload', async () => changed(await api.token(), claims())],
  [
    'no end',
    () =>
      new SignJWT({ ...claims(), exp: undefined })
        .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
        .sign(api.privateKey),
  ],
  ['an end long ago', () => api.token(claims(), { expires: '-1m' })],
  ['a beginning to come', () => api.token({ ...claims(), nbf: soon() })],
  ['another issuer', () => api.token({ ...claims(), iss: 'https://other.example' })],
  ['an issuer that begins alike', () => api.token({ ...claims(), iss: `${ISSUER}.evil.example` })],
  ['another audience', () => api.token({ ...claims(), aud: 'other' })],
  ['other audiences', () => api.token({ ...claims(), aud: ['other', `${AUDIENCE}-2`] })],
  ['a sub that is no member id', () => api.token({ ...claims(), sub: 'ann.bob' })],
  ['a sub with a line end', () => api.token({ ...claims(), sub: 'ann\n' })],
  ['an empty sub', () => api.token({ ...claims(), sub: '' })],
  ['no sub', () => api.token({ ...claims(), sub: undefined as unknown as string })],
];

const withSecret = (secret: Uint8Array) =>
  new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(secret);

const pem = () =>
  createPublicKey({ key: { ...publicKey }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });

async function withItsOwnKey(how: 'jwk' | 'jku'): Promise<string> {
  const own = await generateKeyPair('EdDSA', { extractable: true });
  const jwk = await exportJWK(own.publicKey);
  const header = how === 'jwk' ? { jwk } : { jku: 'https://evil.example/jwks.json' };
  return new SignJWT(claims())
    .setProtectedHeader({ alg: 'EdDSA', kid: 'k1', ...header })
    .sign(own.privateKey);
}

function changed(token: string, payload: object): string {
  const [header, , signature] = token.split('.');
  return `${header}.${encoded(payload)}.${signature}`;
}

const ofKind = (...kinds: Kind[]): Route[] => routes.filter((route) => kinds.includes(kindOf(route)));

const call = (route: Route, headers: Record<string, string> = {}) =>
  api.app.inject({
    method: route.method as 'GET',
    url: addressOf(route),
    headers: { 'sec-fetch-site': 'same-origin', ...headers },
  });

it('the app has the routes of the contract, each with its guard', () => {
  const listed = (kind: Kind) => ofKind(kind).map(({ method, path }) => `${method} ${path}`);
  expect(listed('operator').length).toBe(3);
  expect(listed('bearer').length).toBeGreaterThanOrEqual(18);
  expect(listed('session').length).toBeGreaterThanOrEqual(12);
  expect(listed('link')).toEqual(['GET /l/:token', 'HEAD /l/:token', 'POST /l/:token']);
});

describe('every route that needs a token', () => {
  it.each(BAD)('responds with 401 to %s', async (_, make) => {
    const token = await make();
    for (const route of ofKind('bearer', 'operator')) {
      const response = await call(route, { authorization: `Bearer ${token}` });
      const where = `${route.method} ${route.path}`;
      expect([where, response.statusCode]).toEqual([where, 401]);
      expect(response.headers['www-authenticate']).toBe('Bearer');
      expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
      const body = { type: 'about:blank', title: 'Unauthorized', status: 401, code: 'UNAUTHENTICATED' };
      expect(response.payload).toBe(route.method === 'HEAD' ? '' : JSON.stringify(body));
    }
    expect(api.channel.published).toEqual([]);
  });

  it.each([
    ['no header', () => ({})],
    ['another scheme', () => ({ authorization: 'Basic Ym9iOmJvYg==' })],
    ['two tokens', (good: string) => ({ authorization: `Bearer ${good} ${good}` })],
    ['a token and another scheme', (good: string) => ({ authorization: `Basic x, Bearer ${good}` })],
    ['a token without a scheme', (good: string) => ({ authorization: good })],
    // Browsers send the cookie with forms of other sites, too.
    ['a session cookie', (good: string) => ({ cookie: `__Host-session=${good}` })],
    ['a token in another header', (good: string) => ({ 'x-authorization': `Bearer ${good}` })],
  ] as [string, (good: string) => Record<string, string>][])(
    'responds with 401 to %s',
    async (_, headers) => {
      const good = await api.token(claims());
      for (const route of ofKind('bearer', 'operator')) {
        const response = await call(route, headers(good));
        expect([route, response.statusCode]).toEqual([route, 401]);
      }
      for (const route of ofKind('bearer')) {
        const url = `${addressOf(route)}?access_token=${good}`;
        const response = await api.app.inject({ method: route.method as 'GET', url });
        expect([route, response.statusCode]).toEqual([route, 401]);
      }
      expect(api.channel.published).toEqual([]);
    },
  );

  it('admits a valid token', async () => {
    const headers = await api.as('bob', 'operator');
    for (const route of ofKind('bearer', 'operator')) {
      expect([route, (await call(route, headers)).statusCode]).not.toEqual([route, 401]);
    }
  });
});

describe('every page of a member', () => {
  it.each(BAD)('responds with 401 to %s', async (_, make) => {
    const token = await make();
    for (const route of ofKind('session')) {
      const response = await call(route, { cookie: `__Host-session=${token}` });
      expect([route, response.statusCode]).toEqual([route, 401]);
      expect(response.headers['content-type']).toMatch(/^text\/html/);
    }
    expect(api.channel.published).toEqual([]);
  });

  it('responds with 401 to a bearer token, which is for programs', async () => {
    for (const route of ofKind('session')) {
      expect([route, (await call(route, await api.as('bob'))).statusCode]).toEqual([route, 401]);
    }
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: 'null' },
    {},
  ] as Record<string, string>[])('acts on no form of another site: %j', async (from) => {
    const cookie = `__Host-session=${await api.token()}`;
    for (const route of ofKind('session').filter(({ method }) => method === 'POST')) {
      const response = await api.app.inject({
        method: 'POST',
        url: addressOf(route),
        headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', ...from },
        payload: 'commandId=00000000-0000-4000-8000-00000000000c&message=x',
      });
      expect([route, response.statusCode]).toEqual([route, 403]);
    }
    expect(api.channel.published).toEqual([]);
  });
});

describe('every route of operators (D11)', () => {
  it.each([undefined, '', 'operators', 'xoperator member', 'OPERATOR', 'operator,member', 'admin'])(
    'is 403 with the scope %j',
    async (scope) => {
      for (const route of ofKind('operator')) {
        const response = await call(route, await api.as('olga', scope));
        expect([route, response.statusCode]).toEqual([route, 403]);
      }
      expect(api.channel.published).toEqual([]);
    },
  );
});

it('accepts the scheme in any case', async () => {
  const authorization = `bearer ${await api.token()}`;
  expect((await api.inject({ url: '/v1/inbox', headers: { authorization } })).statusCode).toBe(200);
});
