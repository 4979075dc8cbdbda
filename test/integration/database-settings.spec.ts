import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool, inTransaction, type Pool, type Queryable } from '#libs/platform';
import { setForDatabase } from '../support/hostile-settings.js';
import { openTestPostgres, type TestPostgres } from '../support/postgres.js';
import { SILENT } from './support/consumer-harness.js';

let postgres: TestPostgres;
let pool: Pool;

beforeAll(async () => {
  postgres = await openTestPostgres();
  await setForDatabase(postgres.url);
  pool = createPool(
    { url: postgres.url, app: 'test', idleInTransactionTimeoutMs: 7_000, statementTimeoutMs: 9_000 },
    SILENT,
  );
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const one = async (sql: string, values: unknown[] = []) =>
  Object.values((await pool.query<Record<string, unknown>>(sql, values)).rows[0]!)[0];

describe('createPool on a database with unusual settings', () => {
  it('reads timestamps as ISO 8601 in UTC', async () => {
    expect(await one(`SELECT '2026-03-04T05:06:07.089Z'::timestamptz`)).toBe('2026-03-04T05:06:07.089Z');
    expect(await one(`SELECT $1::timestamptz::text`, ['2026-03-04T05:06:07.089Z'])).toBe(
      '2026-03-04 05:06:07.089+00',
    );
    expect(await one(`SELECT '04/03/2026'::date::text`)).toBe('2026-04-03');
  });

  it("starts days at midnight in UTC, and reads intervals in PostgreSQL's style", async () => {
    expect(await one(`SELECT date_trunc('day', '2026-03-04T20:00:00Z'::timestamptz)`)).toBe(
      '2026-03-04T00:00:00.000Z',
    );
    expect(await one(`SELECT (interval '1 day 2 hours')::text`)).toBe('1 day 02:00:00');
  });

  it('treats a null in an array as null, and a comparison with null as unknown', async () => {
    expect(await one(`SELECT (unnest($1::text[])) IS NULL`, [[null]])).toBe(true);
    expect(await one(`SELECT NULL = NULL`)).toBeNull();
  });

  it('keeps text, bytes and floating-point numbers as they are', async () => {
    expect(await one(`SELECT '\\n' || $1`, ['€ نور'])).toBe('\\n€ نور');
    expect(await one(`SELECT $1::bytea`, [Buffer.from([0, 92, 255])])).toEqual(Buffer.from([0, 92, 255]));
    expect(await one(`SELECT 0.1::float8 + 0.2::float8`)).toBe(0.1 + 0.2);
  });

  it('finds no table by an unqualified name in a schema that the database prefers', async () => {
    expect(await one('SHOW search_path')).toBe('public');
  });

  it('runs statements and transactions at READ COMMITTED', async () => {
    expect(await one('SHOW transaction_isolation')).toBe('read committed');
    const inside = await inTransaction(
      pool,
      async (tx) => (await tx.query('SHOW transaction_isolation')).rows[0],
    );
    expect(inside).toEqual({ transaction_isolation: 'read committed' });
  });

  it("uses the app's statement timeout, and commits synchronously", async () => {
    expect(await one('SHOW statement_timeout')).toBe('9s');
    expect(await one('SHOW lock_timeout')).toBe('0');
    expect(await one('SHOW idle_in_transaction_session_timeout')).toBe('7s');
    expect(await one('SHOW synchronous_commit')).toBe('on');
  });

  it('drops a read-only connection, because the next one may lead to the primary', async () => {
    await setForDatabase(postgres.url, { default_transaction_read_only: 'on' });
    const fresh = createPool({ url: postgres.url, app: 'test' }, SILENT);
    try {
      const write = (db: Queryable) => db.query('CREATE TABLE t ()');
      await expect(inTransaction(fresh, write)).rejects.toMatchObject({ code: '25006' });
      await setForDatabase(postgres.url, { default_transaction_read_only: 'off' });
      await inTransaction(fresh, write);
    } finally {
      await fresh.end();
    }
  });

  it('sends no startup parameter that a connection pooler rejects', async () => {
    const client = await pool.connect();
    try {
      const { connectionParameters } = client as unknown as { connectionParameters: Record<string, unknown> };
      for (const name of [
        'options',
        'statement_timeout',
        'lock_timeout',
        'idle_in_transaction_session_timeout',
      ]) {
        expect([name, connectionParameters[name] || undefined]).toEqual([name, undefined]);
      }
    } finally {
      client.release();
    }
  });
});
