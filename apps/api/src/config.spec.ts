import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '#libs/platform';
import { ApiConfig } from './config.js';

const env = {
  KAFKA_BROKERS: 'kafka:9092',
  DATABASE_URL: 'postgres://db/invitations',
  PUBLIC_URL: 'http://127.0.0.1:3000',
  AUTH_ISSUER: 'https://sign-in.example',
  AUTH_AUDIENCE: 'invitations',
  AUTH_JWKS: '/etc/jwks.json',
};

describe('the configuration', () => {
  it('needs no more than what has no default', () => {
    expect(loadConfig(ApiConfig, { ...env, INSTANCE_ID: 'api-0', LINK_KEYS: '' })).toMatchObject({
      ...env,
      PORT: 3000,
      HOST: '0.0.0.0',
      INSTANCE_ID: 'api-0',
      COMMAND_TIMEOUT: 5_000,
      LINK_KEYS: undefined,
      SIGN_IN_URL: undefined,
      NOTIFICATION_URL: undefined,
    });
  });

  it.each(Object.keys(env))('needs %s', (name) => {
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
    { NOTIFICATION_URL: 'notification' },
  ])('refuses %j', (wrong) => {
    expect(() => loadConfig(ApiConfig, { ...env, ...wrong })).toThrow(Object.keys(wrong)[0]!);
  });

  it.each(['http://localhost:3000', 'http://notification:8080', 'https://a.example/base'])(
    'takes %s',
    (url) => {
      expect(loadConfig(ApiConfig, { ...env, NOTIFICATION_URL: url }).NOTIFICATION_URL).toBe(url);
    },
  );
});
