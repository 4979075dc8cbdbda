import { Pool, types, type PoolClient } from 'pg';
import type { Logger } from './logger.js';

export type { Pool, PoolClient } from 'pg';

/** Anything that runs a query: the pool, or a connection inside a transaction. */
export type Queryable = Pick<PoolClient, 'query'>;

const TIMESTAMPTZ = 1184;

export interface PoolSettings {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly app: string;
  /** Connections. */
  readonly max?: number;
  /**
   * PostgreSQL ends a session that is silent within a transaction for this long, or that cannot be sent to: its process
   * may be paused, and its locks would hold up whoever takes over. In milliseconds.
   */
  readonly idleInTransactionMs?: number;
  /** PostgreSQL gives up on a statement after this long. In milliseconds. */
  readonly statementMs?: number;
  /** Sends a connection's queries without waiting for the answers to those before; they are still run in order. */
  readonly pipeline?: boolean;
}

/** A pool whose `timestamptz` values are ISO 8601 text in UTC, as everywhere else in the service. */
export function createPool(
  { url, app, max = 10, idleInTransactionMs, statementMs = 30_000, pipeline = false }: PoolSettings,
  logger: Logger,
): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: app,
    max,
    pipeline,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementMs,
    // A server that falls silent does not keep its own time.
    query_timeout: statementMs + 5_000,
    ...(idleInTransactionMs === undefined
      ? {}
      : {
          idle_in_transaction_session_timeout: idleInTransactionMs,
          options: `-c tcp_user_timeout=${idleInTransactionMs}`,
        }),
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === TIMESTAMPTZ && format !== 'binary'
          ? (value: string) => new Date(value).toISOString()
          : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
    },
  });
  // A server that restarts ends idle connections; without a listener that would end the process.
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection was closed'));
  // The pool listens to idle connections only. One that breaks while it is lent out fails the query that runs on it,
  // or the next; unheard, its event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<T>(pool: Pool, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  try {
    await tx.query('BEGIN');
    const result = await work(tx);
    const { command } = await tx.query('COMMIT');
    // PostgreSQL answers COMMIT with a rollback, not with an error, when a statement failed and `work` went on.
    if (command !== 'COMMIT') throw new Error('rolled back: a statement of the transaction had failed');
    return result;
  } catch (error) {
    await tx.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    // A connection that could not roll back is not given to the next one.
    tx.release(broken);
  }
}
