import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { createLogger, createPool, migrate, type Migrations } from '#libs/platform';
import { startPostgres } from '../../libs/dev-servers/src/start-servers.js';
import { startPostgresContainer } from './servers/containers/postgres.js';
import { installedPostgres, LEAST_POSTGRES } from './servers/postgres/installed.js';
import { setForDatabase } from './hostile-settings.js';
import { realServers } from './real-servers.js';
import { hasSharedServers, sharedPostgres } from './shared-servers.js';
import { behindPgBouncer } from './pgbouncer.js';
import { onlyOverTls, turnOnTls } from './postgres-tls.js';
import type { TestPostgres } from './test-servers.js';

export type { TestPostgres };

const SILENT = createLogger('test', 'silent');

/**
 * Creates a database: on the server at DATABASE_URL, on the server that all specs of a run share or, if TEST_SERVERS
 * asks for another, on a server of its own. With `TEST_DATABASE_SETTINGS=hostile`, the database has unusual settings on
 * which no app may depend.
 * @param migrations are applied to it; without any, it is empty
 */
export async function openTestPostgres(...migrations: readonly Migrations[]): Promise<TestPostgres> {
  const database = await openDatabase(migrations);
  return realServers().has('pgbouncer') ? behindPgBouncer(database) : database;
}

async function openDatabase(migrations: readonly Migrations[]): Promise<TestPostgres> {
  const hasHostileSettings = process.env['TEST_DATABASE_SETTINGS'] === 'hostile';
  if (isPostgresShared() && !hasHostileSettings && migrations.length > 0)
    return createFromTemplate(await sharedPostgres(), migrations);
  const database = await emptyDatabase();
  if (hasHostileSettings) await setForDatabase(database.url);
  await applyMigrations(database.url, migrations);
  return database;
}

const isPostgresShared = () =>
  hasSharedServers() &&
  !process.env['DATABASE_URL'] &&
  !(['containers', 'postgres', 'postgres-tls'] as const).some((one) => realServers().has(one));

async function emptyDatabase(): Promise<TestPostgres> {
  const server = process.env['DATABASE_URL'];
  if (server) return createDatabase(server);
  if (realServers().has('containers')) return startPostgresContainer();
  if (realServers().has('postgres-tls')) return onlyOverTls(await turnOnTls(await postgresUnderControl()));
  return isPostgresShared() ? createDatabase(await sharedPostgres()) : postgresUnderControl();
}

/** A PostgreSQL that can be stopped for a while and returns with its port and data. */
export interface PostgresUnderControl extends TestPostgres {
  /** A fast shutdown, like that of `systemctl restart`, without the start. */
  shutDown(): Promise<void>;
  startAgain(): Promise<void>;
}

/**
 * Starts the PostgreSQL that is installed on this machine if TEST_SERVERS asks for it, otherwise the embedded one.
 * @param migrations what has been applied to it; it is empty without any
 */
export async function postgresUnderControl(
  ...migrations: readonly Migrations[]
): Promise<PostgresUnderControl> {
  const dataDir = await mkdtemp(join(tmpdir(), 'test-postgres-'));
  const settings = { dataDir, durable: false, ...programs() };
  let server = await startPostgres(settings);
  const { url } = server.addresses;
  await applyMigrations(url, migrations);
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

async function createDatabase(server: string, template = 'template1'): Promise<TestPostgres> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  return {
    url: urlOf(server, name),
    stop: () => execute(server, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

/** Copies a database with the applied migrations, which takes a fraction of the time of applying them. */
async function createFromTemplate(server: string, migrations: readonly Migrations[]): Promise<TestPostgres> {
  const template = `template_${hashOf(migrations)}`;
  await withClient(server, async (client) => {
    const exists = async () =>
      (await client.query('SELECT FROM pg_database WHERE datname = $1', [template])).rowCount === 1;
    if (await exists()) return;
    // Specs of other workers may need it at the same time, so one of them creates it.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [template]);
    if (await exists()) return;
    const draft = `${template}_draft`;
    await client.query(`DROP DATABASE IF EXISTS ${draft}`);
    await client.query(`CREATE DATABASE ${draft}`);
    await applyMigrations(urlOf(server, draft), migrations);
    await client.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
  });
  return createDatabase(server, template);
}

/** Hashes the schemas and the files of migrations, so that each content has its own template. */
function hashOf(migrations: readonly Migrations[]): string {
  const hash = createHash('sha1');
  for (const { directories, schema } of migrations) {
    hash.update(schema);
    for (const directory of directories)
      for (const file of readdirSync(directory).toSorted())
        hash.update(file).update(readFileSync(join(fileURLToPath(directory), file)));
  }
  return hash.digest('hex');
}

async function applyMigrations(url: string, migrations: readonly Migrations[]): Promise<void> {
  if (migrations.length === 0) return;
  const pool = createPool({ url, app: 'test', max: 1 }, SILENT);
  try {
    for (const one of migrations) await migrate(pool, one, SILENT);
  } finally {
    await pool.end();
  }
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

const execute = (url: string, statement: string): Promise<void> =>
  withClient(url, async (client) => void (await client.query(statement)));

async function withClient(url: string, use: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
