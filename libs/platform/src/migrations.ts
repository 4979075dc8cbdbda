import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import Postgrator from 'postgrator';
import { loadConfig } from './config.js';
import { NoConfig } from './config-mixins.js';
import { createLogger, type Logger } from './logger.js';
import { createPool } from './postgres/pool.js';
import { inTransaction, type Pool } from './postgres/transaction.js';
import { postgresConnection, WithPostgres } from './postgres/postgres.config.js';

/** The index of a large table may take hours. PostgreSQL has no limit for a migration; this is the client's own. */
const MIGRATION_TIMEOUT_MS = 24 * 60 * 60_000;

/** One lock for all schemas of the database, so that concurrent migration jobs take turns. */
const LOCK = 7_301_963;

export interface Migrations {
  /**
   * Folders with files such as `001.do.create-inbox.sql`: plain SQL, forward only. The numbers of all folders form one
   * sequence. A new file takes a number above all others; a lower number never runs where a higher one has run.
   */
  readonly directories: readonly URL[];
  /** The schema with the table `migrations`, which records what has run. Created if missing. */
  readonly schema: string;
}

/**
 * Brings a schema up to date in one transaction: if a migration fails or the process dies, nothing has changed. Safe to
 * run several times and concurrently.
 * @throws if a migration fails, a file that has run was changed since, two files have the same number, or a folder is empty
 */
export async function migrate(
  pool: Pool,
  { directories, schema }: Migrations,
  logger: Logger,
): Promise<void> {
  const folders = directories.map(sqlFolder);
  const done = await inTransaction(pool, async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0');
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await tx.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    const postgrator = new Postgrator({
      driver: 'pg',
      migrationPattern: sqlFilesIn(folders),
      schemaTable: `${schema}.migrations`,
      execQuery: async (query) => ({ rows: (await tx.query(query)).rows as unknown[] }),
      execSqlScript: async (script) => {
        await tx.query(script);
      },
    });
    const files = (await postgrator.getMigrations()).map(({ filename }) => dirname(filename));
    // postgrator would report success if a folder were missing in an image.
    for (const folder of folders) if (!files.includes(folder)) throw new Error(`no migrations in ${folder}`);
    return postgrator.migrate();
  });
  for (const { version, name } of done) logger.info({ schema, version, name }, 'migration applied');
}

class MigrationConfig extends WithPostgres(NoConfig) {}

/**
 * Migrates the database at DATABASE_URL. Logs the result, and after a failure makes the process exit with 1.
 * @param app the name in the log
 */
export async function migrateDatabase(app: string, migrations: Migrations, success: string): Promise<void> {
  const logger = createLogger(app);
  try {
    const pool = createPool(
      {
        ...postgresConnection(loadConfig(MigrationConfig)),
        app: 'migrate',
        max: 1,
        statementTimeoutMs: MIGRATION_TIMEOUT_MS,
      },
      logger,
    );
    await migrate(pool, migrations, logger);
    await pool.end();
    logger.info(success);
  } catch (error) {
    logger.fatal({ err: error }, 'migration failed, nothing was changed');
    process.exitCode = 1;
  }
}

/** SQL files are not compiled, so a built module reads them from the source tree. */
function sqlFolder(directory: URL): string {
  return fileURLToPath(directory).replace(`${sep}dist${sep}`, sep).replace(/\/$/, '');
}

/** A glob pattern; a single folder needs no braces, which glob would take literally. */
function sqlFilesIn(folders: readonly string[]): string {
  return folders.length === 1 ? `${folders[0]}/*.sql` : `{${folders.join(',')}}/*.sql`;
}
