import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '#libs/platform';
import { ApiConfig } from '../../../apps/api/src/config/api.config.js';
import { type ApiHarness, openApiHarness, START_MS } from './api-harness.js';

let api: ApiHarness;
let plain: ApiHarness;

beforeAll(async () => {
  [api, plain] = await Promise.all([
    openApiHarness(),
    openApiHarness({ PUBLIC_URL: 'http://127.0.0.1:3000' }),
  ]);
}, START_MS);
afterAll(() => Promise.all([api.stop(), plain.stop()]));

const statusOn = async (app: ApiHarness, cookie: (token: string) => string) =>
  (await app.inject({ url: '/inbox', headers: { cookie: cookie(await app.token()) } })).statusCode;

describe('the session cookie', () => {
  it('is named __Host-session, which no other host can set', async () => {
    expect(await statusOn(api, (token) => `__Host-session=${token}`)).toBe(200);
    expect(await statusOn(api, (token) => `theme=dark; __Host-session=${token}; lang=en`)).toBe(200);
  });

  it.each([
    ['session', (token: string) => `session=${token}`],
    ['__Secure-session', (token: string) => `__Secure-session=${token}`],
    ['__host-session', (token: string) => `__host-session=${token}`],
    ['a name that ends in it', (token: string) => `x__Host-session=${token}`],
    ['a value that holds it', (token: string) => `x=y,__Host-session=${token}`],
    [
      'a bad one beside a good one of a parent domain',
      (token: string) => `__Host-session=x; session=${token}`,
    ],
  ])('is not accepted as %s, which a parent domain may set', async (_, cookie) => {
    expect(await statusOn(api, cookie)).toBe(401);
  });

  it('is named session without https, as in development', async () => {
    expect(await statusOn(plain, (token) => `session=${token}`)).toBe(200);
    expect(await statusOn(plain, (token) => `__Host-session=${token}`)).toBe(401);
  });
});

describe('a production configuration', () => {
  const env = {
    NODE_ENV: 'production',
    KAFKA_BROKERS: 'kafka:9092',
    DATABASE_URL: 'postgres://db/x',
    PUBLIC_URL: 'https://invitations.example',
    AUTH_ISSUER: 'https://identity.example',
    AUTH_AUDIENCE: 'invitations',
    AUTH_JWKS: 'https://identity.example/jwks.json',
    INTERNAL_SECRETS: 's'.repeat(32),
  };

  it('requires https for the pages and for signing in', () => {
    expect(() => loadConfig(ApiConfig, env)).not.toThrow();
    expect(() => loadConfig(ApiConfig, { ...env, PUBLIC_URL: 'http://invitations.example' })).toThrow(
      'PUBLIC_URL must be an https URL if NODE_ENV is production',
    );
    expect(() =>
      loadConfig(ApiConfig, { ...env, SIGN_IN_URL: 'http://invitations.example/sign-in' }),
    ).toThrow('SIGN_IN_URL must be an https URL if NODE_ENV is production');
    expect(() =>
      loadConfig(ApiConfig, { ...env, NODE_ENV: 'development', PUBLIC_URL: 'http://127.0.0.1:3000' }),
    ).not.toThrow();
  });
});
