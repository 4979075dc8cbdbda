import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '#libs/platform';
import { ApiConfig } from './api.config.js';

const env = {
  KAFKA_BROKERS: 'kafka:9092',
  DATABASE_URL: 'postgres://db/invitations',
  PUBLIC_URL: 'http://127.0.0.1:3000',
  AUTH_ISSUER: 'https://sign-in.example',
  AUTH_AUDIENCE: 'invitations',
  AUTH_JWKS: '/etc/jwks.json',
};

describe('ApiConfig', () => {
  it('has a default for every other variable', () => {
    expect(loadConfig(ApiConfig, { ...env, INSTANCE_ID: 'api-0', LINK_KEYS: '' })).toMatchObject({
      ...env,
      PORT: 3000,
      HOST: '0.0.0.0',
      INSTANCE_ID: 'api-0',
      COMMAND_TIMEOUT: 5_000,
      DATABASE_TIMEOUT: 3_000,
      NOTIFICATION_TIMEOUT: 2_000,
      LINK_KEYS: undefined,
      SIGN_IN_URL: undefined,
      NOTIFICATION_URL: undefined,
      NOTIFICATION_CA_FILE: undefined,
      TRUST_PROXY: undefined,
      CORS_ORIGINS: [],
      RATE_SEND: { count: 60, periodMs: 600_000 },
    });
  });

  it.each(Object.keys(env))('requires %s', (name) => {
    expect(() => loadConfig(ApiConfig, { ...env, [name]: '' })).toThrow(name);
  });

  it.each([
    { PORT: 'http' },
    { PORT: '70000' },
    { PUBLIC_URL: 'invitations.example' },
    { PUBLIC_URL: 'ftp://invitations.example' },
    { INSTANCE_ID: 'a/b' },
    { COMMAND_TIMEOUT: '5' },
    { SIGN_IN_URL: 'javascript:alert(1)' },
    { NETWORK_LOGO_URL: '/logo.svg' },
    { NETWORK_LOGO_URL: 'data:image/png;base64,AA' },
    { NETWORK_LOGO_URL: 'https://user:secret@cdn.example/logo.svg' },
    { NETWORK_LOGO_URL: 'http://cdn.example/logo.svg', NODE_ENV: 'production' },
    { NOTIFICATION_URL: 'notification' },
    { NOTIFICATION_CA_FILE: '/ca.crt' },
    { NOTIFICATION_CA_FILE: '/ca.crt', NOTIFICATION_URL: 'http://notification:8083' },
    { TRUST_PROXY: 'true' },
    { TRUST_PROXY: '1' },
    { TRUST_PROXY: '0.0.0.0/0' },
    { TRUST_PROXY: '10.0.0.0/33' },
    { TRUST_PROXY: '10.0.0.1,' },
    { CORS_ORIGINS: '*' },
    { CORS_ORIGINS: 'null' },
    { CORS_ORIGINS: 'https://app.example/' },
    { CORS_ORIGINS: 'https://app.example,app.example' },
    ...['60', '60/', '0/PT1M', '-1/PT1M', '60/PT0S', '60/1M', '61/PT0.06S', '1.5/PT1M', 'off'].map(
      (rate) => ({ RATE_SEND: rate }),
    ),
  ])('rejects %j', (wrong) => {
    expect(() => loadConfig(ApiConfig, { ...env, ...wrong })).toThrow(Object.keys(wrong)[0]!);
  });

  it('parses rates, proxies and origins', () => {
    const given = {
      ...env,
      RATE_SEND: '60/PT1M',
      RATE_ADDRESS: 'none',
      TRUST_PROXY: 'loopback, 10.0.0.0/8,fd00::/8,192.0.2.1',
      CORS_ORIGINS: 'https://app.example, http://localhost:8080',
    };
    expect(loadConfig(ApiConfig, given)).toMatchObject({
      RATE_SEND: { count: 60, periodMs: 60_000 },
      RATE_ADDRESS: undefined,
      TRUST_PROXY: given.TRUST_PROXY,
      CORS_ORIGINS: ['https://app.example', 'http://localhost:8080'],
    });
  });

  it.each(['http://localhost:3000', 'http://notification:8080', 'https://a.example/base'])(
    'accepts %s',
    (url) => {
      expect(loadConfig(ApiConfig, { ...env, NOTIFICATION_URL: url }).NOTIFICATION_URL).toBe(url);
    },
  );
});
