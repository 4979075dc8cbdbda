import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import Postgrator from 'postgrator';
import type { Logger } from './logger.js';
import { inTransaction, type Pool } from './postgres.js';

/** One lock for all schemas of the database: two migration jobs take turns. */
const LOCK = 7_301_963;

export interface Migrations {
  /** A folder of `001.do.what-it-does.sql`; plain SQL, forward only. */
  readonly directory: URL;
  /** The schema that keeps the record of what has been run; created where missing. */
  readonly schema: string;
}

/**
 * Brings a schema up to date, all of it or, when something fails or the process dies, nothing of it. Safe to run from
 * several places at once, and when there is nothing to do.
 * @throws when a migration fails, one that was run has been changed since, or the folder holds none
 */
export async function migrate(pool: Pool, { directory, schema }: Migrations, logger: Logger): Promise<void> {
  const done = await inTransaction(pool, async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0');
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await tx.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    const postgrator = new Postgrator({
      driver: 'pg',
      migrationPattern: `${sqlFolder(directory)}/*.sql`,
      schemaTable: `${schema}.migrations`,
      execQuery: async (query) => ({ rows: (await tx.query(query)).rows as unknown[] }),
      execSqlScript: async (script) => {
        await tx.query(script);
      },
    });
    // Without files postgrator would find everything up to date.
    if ((await postgrator.getMigrations()).length === 0)
      throw new Error(`no migrations in ${directory.href}`);
    return postgrator.migrate();
  });
  for (const { version, name } of done) logger.info({ schema, version, name }, 'migrated');
}

/** SQL files are not compiled: a built module finds them beside its source. */
function sqlFolder(directory: URL): string {
  return fileURLToPath(directory).replace(`${sep}dist${sep}`, sep).replace(/\/$/, '');
}
