import { Pool, types, type PoolClient } from 'pg';
import type { Logger } from '../logger.js';
import type { ServerCheck } from '../server-check.js';
import { clientClass } from './client.js';
import type { PostgresConnection } from './connection.js';
import { beginStatement, configureSession, type OnPooler } from './session.js';
import { toIsoInstant } from './iso-instant.js';
import { traceStatements } from './trace-statements.js';

export type { Pool, PoolClient } from 'pg';

/** A pool, or a connection within a transaction. */
export type Queryable = Pick<PoolClient, 'query'>;

const TIMESTAMPTZ = 1184;

/** The SQLSTATE read_only_sql_transaction: a standby or a read-only database rejects a write. */
const READ_ONLY = '25006';

export interface PoolSettings extends PostgresConnection {
  /** Shown in pg_stat_activity. */
  readonly app: string;
  /** The maximum number of connections. */
  readonly max?: number;
  /**
   * In milliseconds. PostgreSQL ends a session that is idle in a transaction for this long, or that does not acknowledge
   * data: its process may be paused, and its locks would block the process that takes over.
   */
  readonly idleInTransactionTimeoutMs?: number;
  /** In milliseconds. PostgreSQL cancels a statement after this long. */
  readonly statementTimeoutMs?: number;
  /** Sends queries of a connection without waiting for the results of earlier ones. PostgreSQL still runs them in order. */
  readonly pipeline?: boolean;
}

/**
 * Creates a pool; for an app or a tool, with the `postgresConnection` of its configuration. It returns `timestamptz` values as
 * ISO 8601 text in UTC, as they are everywhere in the service.
 */
export function createPool(
  {
    app,
    max = 10,
    idleInTransactionTimeoutMs,
    statementTimeoutMs = 30_000,
    pipeline = false,
    ...connection
  }: PoolSettings,
  logger: Logger,
): Pool {
  let hasPooler = false;
  const onPooler: OnPooler = (tracksStatements) => {
    if (!hasPooler) {
      logger.info(
        `PostgreSQL is behind a connection pooler: single statements have the time limits of their role (ALTER ROLE … SET statement_timeout), and ${
          tracksStatements
            ? 'are prepared'
            : 'are planned each time, because it does not track prepared statements (PgBouncer 1.21 or later with max_prepared_statements above 0)'
        }`,
      );
    }
    hasPooler = true;
  };
  const pool = new Pool({
    Client: clientClass(connection),
    application_name: app,
    max,
    pipeline,
    connectionTimeoutMillis: 5_000,
    // For a server that no longer responds and so cannot enforce its own timeout.
    query_timeout: statementTimeoutMs + 5_000,
    // Runs before a new connection is used; a connection on which it fails is discarded.
    verify: (client, done) => {
      configureSession(client, { statementTimeoutMs, idleInTransactionTimeoutMs }, onPooler, done);
    },
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === TIMESTAMPTZ && format !== 'binary'
          ? toIsoInstant
          : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
    },
  });
  // A server that restarts closes idle connections. Without a listener, that event would end the process.
  pool.on('error', (error) =>
    logger.warn(
      { err: error },
      'an idle database connection was closed; the pool opens a new one when it is needed',
    ),
  );
  // The pool listens to idle connections only. If a connection in use breaks, its current or next query fails; without
  // this listener, the event would end the process as well.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    traceStatements(client);
  });
  traceStatements(pool);
  return pool;
}

/**
 * A text that PostgreSQL can store: without NUL, and without halves of surrogate pairs. One message that cannot be stored
 * would block its partition for good.
 */
export const toPostgresText = (text: string): string => text.toWellFormed().replaceAll('\0', '');

/** Runs `work` in a transaction, which is committed when `work` returns and rolled back when it throws. */
export async function inTransaction<T>(pool: Pool, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  try {
    await tx.query(beginStatement(tx));
    const result = await work(tx);
    const { command } = await tx.query('COMMIT');
    // If a statement failed and `work` ignored that, PostgreSQL answers COMMIT with ROLLBACK and not with an error.
    if (command !== 'COMMIT') throw new Error('rolled back: a statement of the transaction had failed');
    return result;
  } catch (error) {
    // The server is a standby, or was demoted. A new connection may reach the primary; this one never will.
    if ((error as { code?: unknown } | undefined)?.code === READ_ONLY) broken = error as Error;
    await tx.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    // A connection that could not roll back is closed and not reused.
    tx.release(broken);
  }
}

/**
 * Runs parts of a transaction at once if its connection pipelines, otherwise one after the other. It waits for all of them, also
 * after one has failed: a statement that another part requests later would be executed after the rollback, outside of the
 * transaction.
 * @throws the first error, because PostgreSQL also rejects all statements after the one that failed
 */
export async function runTogether(tx: Queryable, parts: readonly (() => Promise<void>)[]): Promise<void> {
  if ((tx as { readonly pipeline?: boolean }).pipeline !== true) {
    for (const part of parts) await part();
    return;
  }
  const errors: unknown[] = [];
  await Promise.all(parts.map((part) => part().catch((error: unknown) => void errors.push(error))));
  if (errors.length > 0) throw errors[0];
}

export const postgresCheck = (connection: PostgresConnection): ServerCheck => ({
  server: 'PostgreSQL at DATABASE_URL',
  address: connection.url,
  probe: () => probePostgres(connection),
});

async function probePostgres(connection: PostgresConnection): Promise<void> {
  const PostgresClient = clientClass(connection);
  const client = new PostgresClient({ connectionTimeoutMillis: 10_000, query_timeout: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
  } finally {
    await client.end().catch(() => undefined);
  }
}
