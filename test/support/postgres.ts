import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from '../../libs/dev-servers/src/postgres/start.js';
import { startPostgresContainer } from '../servers/containers/postgres.js';
import { installedPostgres, LEAST_POSTGRES } from '../servers/postgres/installed.js';
import { realServers } from './real-servers.js';
import type { PostgresUnderTest } from './under-test.js';

export type { PostgresUnderTest };

/** An empty database: a new one on the server at DATABASE_URL or, without that, on one of its own as TEST_SERVERS asks. */
export async function postgresUnderTest(): Promise<PostgresUnderTest> {
  const server = process.env['DATABASE_URL'];
  if (server) return databaseOn(server);
  return realServers().has('containers') ? startPostgresContainer() : postgresUnderControl();
}

/** A PostgreSQL that can be gone for a while, and then is where it was, with all that it had. */
export interface PostgresUnderControl extends PostgresUnderTest {
  /** A fast shutdown, as `systemctl restart` does it, and no start yet. */
  shutDown(): Promise<void>;
  startAgain(): Promise<void>;
}

/** The PostgreSQL that is installed on this machine where TEST_SERVERS asks for that, else the embedded one. */
export async function postgresUnderControl(): Promise<PostgresUnderControl> {
  const dataDir = await mkdtemp(join(tmpdir(), 'postgres-under-test-'));
  const settings = { dataDir, durable: false, ...programs() };
  let server = await startPostgres(settings);
  const { url } = server.addresses;
  return {
    url,
    shutDown: () => server.stop(),
    async startAgain() {
      server = await startPostgres({ ...settings, port: Number(new URL(url).port) });
    },
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

function programs(): { installed?: string } {
  if (!realServers().has('postgres')) return {};
  const installed = installedPostgres();
  if (installed === undefined) {
    throw new Error(
      `no PostgreSQL from version ${LEAST_POSTGRES} on is installed here: POSTGRES_HOME may say where one is`,
    );
  }
  return { installed };
}

async function databaseOn(server: string): Promise<PostgresUnderTest> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => execute(server, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
