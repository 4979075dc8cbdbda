import { describe, expect, it } from '@jest/globals';
import { loadConfig, NoConfig } from '#libs/platform';
import { resolveSmtp } from './smtp-connection.js';
import { smtpConnection, WithSmtp } from './smtp.config.js';

class Config extends WithSmtp(NoConfig) {
  NODE_ENV?: string;
}

type Env = Record<string, string>;
const resolve = (env: Env) =>
  resolveSmtp(
    smtpConnection(
      loadConfig(Config, { NODE_ENV: 'production', SMTP_URL: 'smtp://mail.example:2525', ...env }),
    ),
  );
const problemOf = (env: Env): string => {
  try {
    resolve(env);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

const LOGIN = { SMTP_USERNAME: 'mailer', SMTP_PASSWORD_FILE: '/password' };
const OAUTH = {
  SMTP_USERNAME: 'mailer@network.example',
  SMTP_OAUTH_TOKEN_URL: 'https://login.example/token',
  SMTP_OAUTH_CLIENT_ID: 'id',
  SMTP_OAUTH_CLIENT_SECRET_FILE: '/secret',
};

describe('WithSmtp', () => {
  it.each<[boolean, Env]>([
    [false, {}],
    [true, { SMTP_URL: 'smtp://mail.example?requireTLS=true' }],
    [true, { SMTP_URL: 'smtp://mailer:hidden@mail.example' }],
    [true, LOGIN],
    [true, OAUTH],
    [true, { SMTP_CA_FILE: '/ca.crt' }],
    [false, { ...LOGIN, SMTP_ALLOW_PLAINTEXT_LOGIN: 'true' }],
    [true, { ...LOGIN, SMTP_ALLOW_PLAINTEXT_LOGIN: 'false' }],
    [true, { ...LOGIN, SMTP_CA_FILE: '/ca.crt', SMTP_ALLOW_PLAINTEXT_LOGIN: 'true' }],
  ])('requires TLS: %s for %j', (requireTls, env) => {
    expect(resolve(env).requireTls).toBe(requireTls);
  });

  it('reads the address, with percent-encoded characters', () => {
    expect(resolve({ SMTP_URL: 'smtps://m%40x:s%2Fe@[::1]:2465?name=network.example' })).toMatchObject({
      host: '::1',
      port: 2465,
      secure: true,
      user: 'm@x',
      password: 's/e',
      name: 'network.example',
    });
    expect(resolve({ SMTP_URL: 'smtp://mail.example' })).toMatchObject({ host: 'mail.example', port: 587 });
  });

  it.each<[Env, string]>([
    [{ SMTP_URL: 'http://mail.example' }, 'SMTP_URL must be smtp[s]://'],
    [
      { SMTP_URL: 'smtp://a:hidden@mail.example?ignoreTLS=true' },
      'SMTP_URL ignores TLS, and the login would be sent in plain text',
    ],
    [{ SMTP_URL: 'smtp://mail.example?tls.ca=hidden' }, 'SMTP_URL has an unknown parameter'],
    [{ SMTP_URL: 'smtp://mail.example?requireTls=true' }, 'SMTP_URL has an unknown parameter'],
    [{ SMTP_URL: 'smtp://mail.example?requireTLS=hidden' }, 'SMTP_URL needs true or false for requireTLS'],
    [{ SMTP_URL: 'smtp://mail.example?tls.rejectUnauthorized=false' }, 'SMTP_URL does not verify the server'],
    [
      { ...LOGIN, SMTP_URL: 'smtp://a:hidden@mail.example' },
      'SMTP_URL contains a user although SMTP_USERNAME is set',
    ],
    [
      { SMTP_PASSWORD_FILE: '/p', SMTP_URL: 'smtp://a:hidden@mail.example' },
      'SMTP_URL contains a password although SMTP_PASSWORD_FILE',
    ],
    [{ SMTP_USERNAME: 'hidden' }, 'SMTP_URL has a user without a password'],
    [{ SMTP_PASSWORD_FILE: '/p' }, 'SMTP_URL needs SMTP_USERNAME'],
    [
      { SMTP_DKIM_DOMAIN: 'network.example' },
      'SMTP_URL needs SMTP_DKIM_SELECTOR and SMTP_DKIM_KEY_FILE, because SMTP_DKIM_DOMAIN is set',
    ],
    [
      { ...OAUTH, SMTP_OAUTH_CLIENT_ID: '' },
      'SMTP_URL needs SMTP_OAUTH_CLIENT_ID, because SMTP_OAUTH_TOKEN_URL is set',
    ],
    [{ ...OAUTH, SMTP_PASSWORD_FILE: '/p' }, 'SMTP_URL has two logins'],
    [
      { ...OAUTH, SMTP_OAUTH_TOKEN_URL: 'http://login.example/token' },
      'SMTP_OAUTH_TOKEN_URL must be an https URL',
    ],
    [{ ...LOGIN, SMTP_ALLOW_PLAINTEXT_LOGIN: 'yes' }, 'SMTP_ALLOW_PLAINTEXT_LOGIN must be true or false'],
  ])('refuses %j', (env, problem) => {
    expect(problemOf(env)).toContain(problem);
    expect(problemOf(env)).not.toContain('hidden');
  });

  it('connects to a server that it does not verify in development', () => {
    const env = { NODE_ENV: 'development', SMTP_URL: 'smtp://mail.example?tls.rejectUnauthorized=false' };
    expect(resolve(env).isVerified).toBe(false);
  });
});
