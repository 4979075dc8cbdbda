import type { Pool, PoolClient, QueryConfig } from 'pg';

export type { Pool, PoolClient } from 'pg';

/** A pool, or a connection within a transaction. */
export type Queryable = Pick<PoolClient, 'query'>;

/**
 * A statement that each connection parses and plans only a few times. A name stands for one text, because a connection keeps the
 * text that it has first seen under it.
 */
export type NamedStatement = Required<Pick<QueryConfig, 'name' | 'text'>>;

/** What a transaction sets for itself, by the connection to a pooler, which keeps no session settings. */
const transactionSettings = new WeakMap<object, string>();

/** @param settings statements, each after a semicolon, that follow the one that begins a transaction of this connection */
export function setTransactionSettings(client: object, settings: string): void {
  transactionSettings.set(client, settings);
}

/** The statement that begins a transaction. It names the isolation level, because a pooler keeps no session settings. */
export const beginStatement = (
  client: object,
  mode: 'READ COMMITTED' | 'READ COMMITTED READ ONLY' | 'REPEATABLE READ READ ONLY' = 'READ COMMITTED',
): string => `BEGIN ISOLATION LEVEL ${mode}${transactionSettings.get(client) ?? ''}`;

/**
 * For a transaction that waits for something else than the database, such as one that holds a lock for a long task. It holds
 * back no vacuum unless it writes or has a snapshot.
 */
export const MAY_BE_IDLE = 'SET LOCAL idle_in_transaction_session_timeout = 0';

/** The SQLSTATE read_only_sql_transaction: a standby or a read-only database rejects a write. */
const READ_ONLY = '25006';

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
