import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from '../../libs/dev-servers/src/postgres/start.js';

export interface PostgresUnderTest {
  readonly url: string;
  stop(): Promise<void>;
}

/** An empty database: a new one on the server at DATABASE_URL or, without that, on an embedded server of its own. */
export async function postgresUnderTest(): Promise<PostgresUnderTest> {
  const server = process.env['DATABASE_URL'];
  return server ? databaseOn(server) : embedded();
}

async function databaseOn(server: string): Promise<PostgresUnderTest> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => execute(server, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function embedded(): Promise<PostgresUnderTest> {
  const dataDir = await mkdtemp(join(tmpdir(), 'postgres-under-test-'));
  const server = await startPostgres({ dataDir, durable: false });
  return {
    url: server.addresses.url,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true });
    },
  };
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
