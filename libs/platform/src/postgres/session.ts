import type { QueryConfig, Client, QueryResult } from 'pg';
import { setTransactionSettings, type NamedStatement } from './transaction.js';

/** The time limits of a pool, in milliseconds. */
export interface SessionLimits {
  readonly statementTimeoutMs: number;
  readonly idleInTransactionTimeoutMs?: number | undefined;
}

/**
 * Settings that the SQL of this service relies on and that a database or a role may override (`ALTER DATABASE … SET …`).
 * Each new connection sets them by statements, because a connection pooler rejects most of them as startup parameters.
 * PgBouncer gives these to each client, whichever connection of its own it uses.
 *
 * `default_transaction_read_only` is not set: an operator sets it to prevent writes, and so do providers when a disk is
 * full.
 */
const ALWAYS = `
  SET DateStyle = 'ISO, MDY';
  SET TimeZone = 'UTC';
  SET client_encoding = 'UTF8';
  SET standard_conforming_strings = on;`;

/**
 * Settings of a connection that nobody shares. A pooler would leave them behind for its other clients. Nothing depends on
 * them there: all names are qualified, and transactions name their isolation level and set their time limits.
 */
const ONLY_DIRECTLY = {
  IntervalStyle: 'postgres',
  search_path: 'public',
  default_transaction_isolation: 'read committed',
  array_nulls: 'on',
  transform_null_equals: 'off',
  bytea_output: 'hex',
  extra_float_digits: '1',
  lock_timeout: '0',
};

/** @param tracksStatements whether statements can have names */
export type OnPooler = (tracksStatements: boolean) => void;

/**
 * Prepares a new connection. It recognizes a pooler: PostgreSQL tells each client the number of its process, and a pooler
 * tells it another one.
 * @param onPooler is called if the connection leads to a pooler
 */
export function configureSession(
  client: Client,
  limits: SessionLimits,
  onPooler: OnPooler,
  done: (error?: Error) => void,
): void {
  const { processID } = client as Client & { readonly processID: number | null };
  const isDirect = `pg_backend_pid() = ${processID ?? 0}`;
  const { statementTimeoutMs, idleInTransactionTimeoutMs: idleMs } = limits;
  const own = {
    ...ONLY_DIRECTLY,
    ...(idleMs === undefined
      ? {}
      : { idle_in_transaction_session_timeout: String(idleMs), tcp_user_timeout: String(idleMs) }),
  };
  const values = Object.entries(own).map(([name, value]) => `('${name}', '${value}')`);
  // The statement timeout is set first: until then the database's own applies.
  const sql = `
    SELECT set_config('statement_timeout', '${statementTimeoutMs}', false) WHERE ${isDirect};
    ${ALWAYS}
    SELECT set_config(name, value, false) FROM (VALUES ${values.join(', ')}) AS s (name, value) WHERE ${isDirect};
    SELECT set_config('synchronous_commit', 'on', false)
      WHERE current_setting('synchronous_commit') = 'off' AND ${isDirect};
    SELECT ${isDirect} AS is_direct;`;
  client.query(sql, (error: Error | null, results) => {
    if (error) return done(error);
    const { rows } = (results as unknown as QueryResult<{ is_direct: boolean }>[]).at(-1)!;
    if (rows[0]!.is_direct) return done();
    setTransactionSettings(client, settingsOfTransaction(limits));
    detectStatementTracking(client, (failure, tracksStatements) => {
      if (failure) return done(failure);
      if (!tracksStatements) forgetStatementNames(client);
      onPooler(tracksStatements);
      done();
    });
  });
}

const settingsOfTransaction = ({ statementTimeoutMs, idleInTransactionTimeoutMs: idleMs }: SessionLimits) =>
  `; SET LOCAL statement_timeout = ${statementTimeoutMs}` +
  (idleMs === undefined ? '' : `; SET LOCAL idle_in_transaction_session_timeout = ${idleMs}`);

/**
 * PgBouncer 1.21 and later, with `max_prepared_statements` above 0, prepare a client's statements on whichever connection its
 * transaction gets, under names of their own. An earlier one passes the client's name on. So PostgreSQL knows the name, or does not.
 */
const PROBE: NamedStatement = {
  name: 'probe of the pooler',
  text: `SELECT count(*) = 0 AS is_renamed FROM pg_prepared_statements WHERE name = 'probe of the pooler'`,
};

/** Everything runs in one transaction, and so on one connection of the pooler. It leaves no statement there. */
function detectStatementTracking(
  client: Client,
  done: (error: Error | undefined, tracksStatements: boolean) => void,
): void {
  let isRenamed = false;
  let failure: Error | undefined;
  const note = (error: Error | null) => (failure ??= error ?? undefined);
  client.query('BEGIN', note);
  client.query(PROBE, (error: Error | null, result: QueryResult<{ is_renamed: boolean }>) => {
    note(error);
    isRenamed = result?.rows[0]?.is_renamed === true;
    if (!isRenamed && failure === undefined) client.query(`DEALLOCATE "${PROBE.name}"`, note);
    client.query('ROLLBACK', (rollback: Error | null) => {
      note(rollback);
      done(failure, isRenamed);
    });
  });
}

/** Where a pooler does not track statements, the next transaction may get a connection that does not know the name. */
function forgetStatementNames(client: Client): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const withoutName = (config: unknown) =>
    typeof config === 'object' && config !== null && 'text' in config
      ? { ...(config as QueryConfig), name: undefined }
      : config;
  client.query = ((config: unknown, ...rest: unknown[]) =>
    query(withoutName(config), ...rest)) as typeof client.query;
}
