import { afterEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config.js';
import { NoConfig } from '../config-mixins.js';
import { resolveConnection } from './client.js';
import { postgresConnection, WithPostgres } from './postgres.config.js';

class Config extends WithPostgres(NoConfig) {}

const URL = 'postgres://app@db.example:5433/invitations';
const FILES = { DATABASE_CA_FILE: '/ca.crt', DATABASE_CERT_FILE: '/app.crt', DATABASE_KEY_FILE: '/app.key' };

type Env = Record<string, string>;
const resolve = (env: Env) =>
  resolveConnection(postgresConnection(loadConfig(Config, { DATABASE_URL: URL, ...env })));
const inProduction = (env: Env) => resolve({ NODE_ENV: 'production', ...env });
const problemOf = (load: () => unknown): string => {
  try {
    load();
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

afterEach(() => {
  delete process.env['PGSSLMODE'];
});

describe('WithPostgres', () => {
  it.each<[string, Env]>([
    ['off', {}],
    ['off', { DATABASE_URL: `${URL}?sslmode=disable` }],
    ['off', { DATABASE_URL: `${URL}?ssl=false` }],
    ['verified', { DATABASE_URL: `${URL}?sslmode=verify-full` }],
    ['verified', { DATABASE_URL: `${URL}?ssl=true` }],
    ['verified', { DATABASE_URL: `${URL}?sslnegotiation=direct` }],
    ['verified', { DATABASE_CA_FILE: '/ca.crt' }],
    ['verified', FILES],
    ['verified', { DATABASE_URL: `${URL}?sslmode=require`, DATABASE_CA_FILE: '/ca.crt' }],
    ['verified', { DATABASE_URL: `${URL}?sslrootcert=/ca.crt` }],
    ['verified', { DATABASE_URL: `${URL}?sslmode=no-verify&sslrootcert=/ca.crt` }],
  ])('uses TLS in production: %s for %j', (mode, env) => {
    expect(inProduction(env).mode).toBe(mode);
  });

  it.each([
    'sslmode=require',
    'sslmode=no-verify',
    'sslmode=verify-full&sslmode=no-verify',
    'ssl=0&sslmode=require',
  ])('connects to a server that it does not verify in development only: %s', (parameters) => {
    const env = { DATABASE_URL: `${URL}?${parameters}` };
    expect(resolve(env).mode).toBe('unverified');
    expect(problemOf(() => inProduction(env))).toBe(
      'invalid configuration: DATABASE_URL does not verify the server, which only development allows: use sslmode=verify-full, and DATABASE_CA_FILE for an authority of your own',
    );
  });

  it.each([
    ['sslmode=prefer', 'sslmode=prefer, which sends everything in plain text'],
    ['sslmode=allow', 'sslmode=allow, which sends everything in plain text'],
    ['sslmode=verify-ca', 'sslmode=verify-ca, which accepts any host name'],
    ['sslmode=verify_full', 'an unknown sslmode'],
    ['ssl=no-verify', 'an unknown ssl'],
    ['ssl=require', 'an unknown ssl'],
    ['SSLMODE=verify-full', 'an unknown parameter about TLS'],
    ['uselibpqcompat=true&sslmode=verify-full', 'an unknown parameter about TLS'],
    ['rejectUnauthorized=0', 'an unknown parameter about TLS'],
    ['sslpassword=secret', 'an unknown parameter about TLS'],
  ])('refuses %s everywhere', (parameters, problem) => {
    const env = { DATABASE_URL: `${URL}?${parameters}` };
    expect(problemOf(() => resolve(env))).toContain(`DATABASE_URL has ${problem}`);
    expect(problemOf(() => inProduction(env))).not.toContain('secret');
  });

  it.each<[Env, string]>([
    [{ DATABASE_URL: `${URL}?sslmode=disable`, DATABASE_CA_FILE: '/ca.crt' }, 'DATABASE_URL turns TLS off'],
    [{ DATABASE_URL: `${URL}?sslmode=disable&sslnegotiation=direct` }, 'DATABASE_URL has an sslnegotiation'],
    [{ DATABASE_URL: `${URL}?sslnegotiation=secret` }, 'DATABASE_URL has an sslnegotiation'],
    [{ DATABASE_CERT_FILE: '/app.crt' }, 'DATABASE_CERT_FILE needs DATABASE_KEY_FILE'],
    [{ DATABASE_KEY_FILE: '/app.key' }, 'DATABASE_KEY_FILE needs DATABASE_CERT_FILE'],
    [
      { DATABASE_URL: 'postgres://a:secret@db/x', DATABASE_PASSWORD_FILE: '/p' },
      'DATABASE_URL contains a password although',
    ],
  ])('refuses a contradiction: %#', (env, problem) => {
    const message = problemOf(() => inProduction(env));
    expect(message).toContain(problem);
    expect(message).not.toContain('secret');
  });

  it.each(['postgres://a:secret@[db/x', 'mysql://a:secret@db/x', 'db:5432/x', 'secret', 'postgres:/x'])(
    'refuses %s, which is not an address of PostgreSQL',
    (DATABASE_URL) => {
      const message = problemOf(() => resolve({ DATABASE_URL }));
      expect(message).toContain('DATABASE_URL is not postgres://');
      expect(message).not.toContain('secret');
    },
  );

  it('follows PGSSLMODE, like psql, if DATABASE_URL names no mode', () => {
    process.env['PGSSLMODE'] = 'no-verify';
    expect(problemOf(() => inProduction({}))).toContain('DATABASE_URL does not verify the server');
    expect(inProduction({ DATABASE_URL: `${URL}?sslmode=disable` }).mode).toBe('off');
    process.env['PGSSLMODE'] = 'verify-full';
    expect(inProduction({}).mode).toBe('verified');
  });

  it('passes everything else on', () => {
    const url =
      'postgres://app:p%40ss@[::1]:5433/invitations?sslmode=verify-full&options=-c%20jit%3Doff&sslnegotiation=direct';
    expect(resolve({ DATABASE_URL: url }).config).toEqual({
      user: 'app',
      password: 'p@ss',
      host: '::1',
      port: 5433,
      database: 'invitations',
      options: '-c jit=off',
      sslnegotiation: 'direct',
      ssl: true,
    });
    expect(resolve({ DATABASE_URL: '/var/run/postgresql invitations' }).config).toEqual({
      host: '/var/run/postgresql',
      database: 'invitations',
    });
  });
});
