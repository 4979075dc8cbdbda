import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  checkServer,
  createPool,
  loadConfig,
  NoConfig,
  postgresCheck,
  postgresConnection,
  WithPostgres,
} from '#libs/platform';
import { createCertificateAuthority } from '../../libs/dev-servers/src/certificates/certificate-authority.js';
import { turnOnTls, type TlsPostgres } from '../support/postgres-tls.js';
import { postgresUnderControl } from '../support/postgres.js';
import { SILENT } from './support/consumer-harness.js';

class Config extends WithPostgres(NoConfig) {}

let postgres: TlsPostgres;
/** The variables of an app that logs in with its certificate. */
let certificate: Record<string, string>;
let caFile: string;

beforeAll(async () => {
  postgres = await turnOnTls(await postgresUnderControl());
  ({ caFile } = postgres);
  await postgres.administrate(`CREATE ROLE app LOGIN; CREATE ROLE login LOGIN PASSWORD 'first secret'`);
  await postgres.setAccess([
    'host all postgres 127.0.0.1/32 trust',
    'hostssl all app 127.0.0.1/32 cert',
    'hostssl all login 127.0.0.1/32 scram-sha-256',
  ]);
  const { cert, key } = postgres.authority.issue('app');
  certificate = {
    DATABASE_URL: postgres.urlOf('app'),
    DATABASE_CA_FILE: caFile,
    DATABASE_CERT_FILE: await postgres.write('app.crt', cert),
    DATABASE_KEY_FILE: await postgres.write('app.key', key),
  };
});
afterAll(() => postgres.stop());

const connectionOf = (env: Record<string, string>) =>
  postgresConnection(loadConfig(Config, { NODE_ENV: 'production', ...env }));

const poolOf = (env: Record<string, string>, max = 10) =>
  createPool({ ...connectionOf(env), app: 'test', max }, SILENT);

const OWN_CONNECTION = `SELECT ssl, version, client_dn AS dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()`;

async function describeConnection(env: Record<string, string>) {
  const pool = poolOf(env);
  try {
    return (await pool.query<{ ssl: boolean; version: string; dn: string | null }>(OWN_CONNECTION)).rows[0]!;
  } finally {
    await pool.end();
  }
}

/** What the app logs when it starts and cannot use the database. */
const startError = (env: Record<string, string>) =>
  checkServer(postgresCheck(connectionOf(env))).then(
    () => 'none',
    (error: Error) => error.message,
  );

describe('a connection over TLS', () => {
  it('verifies the server and shows the certificate of the app', async () => {
    expect(await describeConnection(certificate)).toMatchObject({
      ssl: true,
      version: 'TLSv1.3',
      dn: '/CN=app',
    });
  });

  it("takes libpq's parameters for the files as well", async () => {
    const { DATABASE_CERT_FILE: cert, DATABASE_KEY_FILE: key } = certificate;
    const parameters = `?sslmode=verify-full&sslrootcert=${caFile}&sslcert=${cert}&sslkey=${key}`;
    expect(await describeConnection({ DATABASE_URL: postgres.urlOf('app', parameters) })).toMatchObject({
      dn: '/CN=app',
    });
  });

  it('logs in with the password in a file', async () => {
    const env = {
      DATABASE_URL: postgres.urlOf('login'),
      DATABASE_CA_FILE: caFile,
      DATABASE_PASSWORD_FILE: await postgres.write('password', 'first secret\n'),
    };
    expect(await describeConnection(env)).toMatchObject({ ssl: true });
  });
});

describe('a file that is renewed', () => {
  it('counts from the next connection on: the password', async () => {
    const path = await postgres.write('renewed-password', 'first secret');
    const pool = poolOf({
      DATABASE_URL: postgres.urlOf('login'),
      DATABASE_CA_FILE: caFile,
      DATABASE_PASSWORD_FILE: path,
    });
    try {
      const first = await pool.connect();
      await postgres.administrate(`ALTER ROLE login PASSWORD 'second secret'`);
      await expect(pool.connect()).rejects.toThrow('check DATABASE_PASSWORD_FILE');
      await postgres.write('renewed-password', 'second secret');
      (await pool.connect()).release();
      first.release();
    } finally {
      await postgres.administrate(`ALTER ROLE login PASSWORD 'first secret'`);
      await pool.end();
    }
  });

  it('counts from the next connection on: the certificate of the app, and the authority', async () => {
    const other = createCertificateAuthority('Other CA', new Date());
    const env = { ...certificate, DATABASE_CA_FILE: await postgres.write('renewed-ca.crt', other.ca) };
    const pool = poolOf(env);
    try {
      await expect(pool.connect()).rejects.toThrow('no authority in DATABASE_CA_FILE has signed');
      await postgres.write('renewed-ca.crt', other.ca + postgres.authority.ca);
      (await pool.connect()).release();
    } finally {
      await pool.end();
    }
  });
});

describe('a connection that fails', () => {
  it('says that no known authority has signed the certificate of the server', async () => {
    const other = createCertificateAuthority('Other CA', new Date());
    const wrong = { ...certificate, DATABASE_CA_FILE: await postgres.write('other.crt', other.ca) };
    expect(await startError(wrong)).toMatch(
      /^PostgreSQL at DATABASE_URL \(postgres:\/\/app@127\.0\.0\.1:\d+\/\w+\) cannot be used: no authority in DATABASE_CA_FILE has signed the server's certificate/,
    );
    expect(await startError({ DATABASE_URL: postgres.urlOf('app', '?sslmode=verify-full') })).toMatch(
      /no authority that Node trusts .*: set DATABASE_CA_FILE to the certificate of its authority/,
    );
  });

  it('says that the certificate is for another host name', async () => {
    const wrong = { ...certificate, DATABASE_URL: postgres.urlOf('app').replace('127.0.0.1', 'localhost') };
    expect(await startError(wrong)).toContain(
      "the server's certificate is for another host name than the one in DATABASE_URL (Host: localhost. is not in",
    );
  });

  it('says that the server does not speak TLS', async () => {
    const plain = await postgresUnderControl();
    try {
      expect(await startError({ DATABASE_URL: plain.url, DATABASE_CA_FILE: caFile })).toContain(
        'the server does not speak TLS, which DATABASE_URL or DATABASE_CA_FILE asks for',
      );
    } finally {
      await plain.stop();
    }
  });

  it('says that the server only accepts TLS', async () => {
    expect(await startError({ DATABASE_URL: postgres.urlOf('app') })).toMatch(
      /no pg_hba\.conf entry .*; the server may only accept TLS \(DATABASE_CA_FILE\)/,
    );
  });

  it('says that the server requires a certificate of the app, or one with another name', async () => {
    expect(await startError({ DATABASE_URL: postgres.urlOf('app'), DATABASE_CA_FILE: caFile })).toMatch(
      /requires a valid client certificate; .*DATABASE_CERT_FILE/,
    );
    const { cert, key } = postgres.authority.issue('somebody-else');
    const wrong = {
      ...certificate,
      DATABASE_CERT_FILE: await postgres.write('else.crt', cert),
      DATABASE_KEY_FILE: await postgres.write('else.key', key),
    };
    expect(await startError(wrong)).toMatch(
      /certificate authentication failed for user "app"; .*DATABASE_CERT_FILE/,
    );
    expect(await startError({ ...wrong, DATABASE_CERT_FILE: certificate['DATABASE_CERT_FILE']! })).toContain(
      'the key in DATABASE_KEY_FILE does not belong to the certificate in DATABASE_CERT_FILE',
    );
  });

  it('says that the password is wrong, and does not show it', async () => {
    const env = {
      DATABASE_URL: postgres.urlOf('login'),
      DATABASE_CA_FILE: caFile,
      DATABASE_PASSWORD_FILE: await postgres.write('wrong-password', 'wrong secret'),
    };
    const message = await startError(env);
    expect(message).toContain(
      'password authentication failed for user "login"; check DATABASE_PASSWORD_FILE',
    );
    expect(message).not.toContain('secret');
  });

  it.each(['DATABASE_CA_FILE', 'DATABASE_CERT_FILE', 'DATABASE_KEY_FILE', 'DATABASE_PASSWORD_FILE'])(
    'says that the file does not exist: %s',
    async (name) => {
      const url: Record<string, string> =
        name === 'DATABASE_PASSWORD_FILE' ? { DATABASE_URL: postgres.urlOf('login') } : {};
      const env = { ...certificate, ...url, [name]: '/nowhere/to/be/found' };
      expect(await startError(env)).toContain(
        `the file that ${name} names cannot be read: it does not exist`,
      );
    },
  );
});
