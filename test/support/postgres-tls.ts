import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  createCertificateAuthority,
  type CertificateAuthority,
} from '../../libs/dev-servers/src/certificates/certificate-authority.js';
import type { TestPostgres } from './test-servers.js';
import { until } from './until.js';

/** The names in the server's certificate. */
export const SERVER_HOSTS = ['127.0.0.1', 'postgres.example'];

/** A PostgreSQL that speaks TLS. `url` is its administrator's, without TLS. */
export interface TlsPostgres extends TestPostgres {
  readonly authority: CertificateAuthority;
  /** The certificate of the authority. */
  readonly caFile: string;
  /** Writes a file that is removed with the server. @returns its path */
  write(name: string, content: string): Promise<string>;
  /** The URL of a role, to which `parameters` are added. */
  urlOf(role: string, parameters?: string): string;
  /** Runs a statement as the administrator. */
  administrate(sql: string): Promise<void>;
  /** Replaces the rules by which the server lets clients in (`pg_hba.conf`). */
  setAccess(rules: readonly string[]): Promise<void>;
}

/** Turns TLS on. Anybody who reaches the server is let in, until the access is set. Stopping also stops the server. */
export async function turnOnTls(server: TestPostgres): Promise<TlsPostgres> {
  const admin = new Client(server.url);
  admin.on('error', () => undefined);
  await admin.connect();
  const dir = await mkdtemp(join(tmpdir(), 'test-postgres-tls-'));
  const authority = createCertificateAuthority('Test CA', new Date());
  const write = async (name: string, content: string) => {
    const path = join(dir, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };
  const show = async (setting: string): Promise<string> =>
    Object.values((await admin.query<Record<string, string>>(`SHOW ${setting}`)).rows[0]!)[0]!;
  const reload = async () => {
    const loadedAt = async () =>
      (await admin.query<{ at: string }>('SELECT pg_conf_load_time()::text AS at')).rows[0]!.at;
    const before = await loadedAt();
    await admin.query('SELECT pg_reload_conf()');
    await until(async () => (await loadedAt()) !== before, 60_000, 'PostgreSQL has read its configuration');
  };

  const dataDirectory = await show('data_directory');
  const { uid, gid } = await stat(dataDirectory);
  const own = authority.issue('postgres.example', SERVER_HOSTS);
  const parts = { ssl_ca_file: authority.ca, ssl_cert_file: own.cert, ssl_key_file: own.key };
  for (const [setting, content] of Object.entries(parts)) {
    const path = join(dataDirectory, `test_${setting}`);
    // PostgreSQL refuses a key that others can read.
    await writeFile(path, content, { mode: 0o600 });
    await chown(path, uid, gid);
    await admin.query(`ALTER SYSTEM SET ${setting} = '${path}'`);
  }
  await admin.query('ALTER SYSTEM SET ssl = on');
  await reload();

  const caFile = await write('ca.crt', authority.ca);
  return {
    url: server.url,
    authority,
    caFile,
    write,
    urlOf(role, parameters = '') {
      const url = new URL(server.url);
      url.username = role;
      return `${url.href}${parameters}`;
    },
    administrate: async (sql) => void (await admin.query(sql)),
    async setAccess(rules) {
      await writeFile(await show('hba_file'), rules.map((rule) => `${rule}\n`).join(''));
      await reload();
    },
    async stop() {
      await admin.end();
      await server.stop();
      await rm(dir, { recursive: true });
    },
  };
}

/** Lets clients in only over TLS and with a certificate. Their URL names the files by libpq's parameters. */
export async function onlyOverTls(server: TlsPostgres): Promise<TestPostgres> {
  await server.setAccess(['hostssl all all 127.0.0.1/32 cert']);
  const { cert, key } = server.authority.issue('postgres');
  const parameters = new URLSearchParams({
    sslmode: 'verify-full',
    sslrootcert: server.caFile,
    sslcert: await server.write('client.crt', cert),
    sslkey: await server.write('client.key', key),
  });
  return { url: server.urlOf('postgres', `?${parameters}`), stop: () => server.stop() };
}
