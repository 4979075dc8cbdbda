import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY } from '#libs/invitation';
import { createPool, type Pool, type Queryable } from '#libs/platform';
import {
  claimDueReminders,
  dueWindows,
  readModelMigrations,
  deleteExpiredReminderClaims,
} from '#libs/read-models';
import { SILENT } from '../support/consumer-harness.js';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';

const SETTINGS = { limit: 200, pauseMs: 30_000, longestPauseMs: 3_600_000 };

let postgres: TestPostgres;
let pool: Pool;

beforeAll(async () => {
  postgres = await openTestPostgres(readModelMigrations);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  // A year of open invitations whose reminders were sent on time, and 50 with a due reminder.
  await pool.query(`
    INSERT INTO read_models.reminders SELECT 'inviter-' || n % 1000 || '.' || n, now() - n * interval '3 minutes',
      CASE WHEN n < 7 * 480 THEN 0 WHEN n < 14 * 480 THEN 1 WHEN n < 21 * 480 THEN 2 ELSE 3 END
    FROM generate_series(1, 365 * 480) n;
    INSERT INTO read_models.reminders SELECT 'due.' || n, now() - interval '7 days 1 hour', 0 FROM generate_series(1, 50) n;
    INSERT INTO read_models.reminders_asked SELECT 'inviter-' || n % 1000 || '.' || n, 1, 1,
      now() - n * interval '10 seconds', now() - n * interval '10 seconds' FROM generate_series(1, 50000) n;
    ANALYZE`);
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

/** Returns the generic plan as PostgreSQL executes it with these values, and rolls back. */
async function planOf(ask: (db: Queryable) => Promise<unknown>): Promise<string> {
  let plan = '';
  const query = async (text: string, values: unknown[]) => {
    const connection = await pool.connect();
    try {
      await connection.query('BEGIN');
      await connection.query('SET plan_cache_mode = force_generic_plan');
      await connection.query(`PREPARE asked AS ${text}`);
      const literals = values.map((value) =>
        Array.isArray(value) ? `'{${value.join()}}'` : `'${String(value)}'`,
      );
      const { rows } = await connection.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE asked (${literals.join(', ')})`,
      );
      plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      return { rows: [] };
    } finally {
      connection.release(true);
    }
  };
  await ask({ query } as unknown as Queryable);
  return plan;
}

describe('query plans with many open invitations', () => {
  it('find due reminders through indexes, and read only those', async () => {
    const plan = await planOf((db) => claimDueReminders(db, dueWindows(DEFAULT_POLICY), SETTINGS));
    // Six windows, of which one holds 50: about 8 each.
    expect(plan).toMatch(/Index Scan using reminders_by_age on reminders_g1 \(actual rows=8\S* loops=6\)/);
    expect(plan).toMatch(/Index Scan using reminders_asked_pkey/);
    // In the order of the index, without a sort.
    expect(plan).not.toMatch(/Seq Scan|Sort/);
  });

  it('find old claims through an index', async () => {
    const plan = await planOf((db) => deleteExpiredReminderClaims(db, 500_000_000));
    expect(plan).toContain('reminders_asked_by_age');
    expect(plan).not.toContain('Seq Scan');
  });
});
