import { Pool, types } from 'pg';
import type { Logger } from '../logger.js';
import type { ServerCheck } from '../server-check.js';
import { clientClass, type PostgresConnection } from './client.js';
import { configureSession, type OnPooler } from './session.js';
import { traceStatements } from './trace-statements.js';

const TIMESTAMPTZ = 1184;

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

/** A `timestamptz` as text of PostgreSQL in UTC, with the milliseconds that `timestamptz(3)` may have. */
const UTC_INSTANT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,3})?\+00$/;

/** The text of an instant up to its seconds. */
const SECONDS_LENGTH = '2026-01-05 09:00:00'.length;

/**
 * Converts a `timestamptz` from PostgreSQL's text to ISO 8601 in UTC with milliseconds. A page of a list has one in each row, and a
 * `Date` takes several times as long.
 */
export function toIsoInstant(text: string): string {
  if (!UTC_INSTANT.test(text)) return new Date(text).toISOString();
  const fraction = text.slice(SECONDS_LENGTH + 1, -3);
  return `${text.slice(0, 10)}T${text.slice(11, SECONDS_LENGTH)}.${fraction.padEnd(3, '0')}Z`;
}
