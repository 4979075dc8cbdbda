import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool, inTransaction, type Pool, type PoolSettings } from '#libs/platform';
import { setForDatabase } from '../support/hostile-settings.js';
import { behindPgBouncer, isPgBouncerInstalled, tracksStatements } from '../support/pgbouncer.js';
import { postgresUnderControl, type PostgresUnderControl } from '../support/postgres.js';
import type { TestPostgres } from '../support/test-servers.js';
import { SILENT } from './support/consumer-harness.js';

if (!isPgBouncerInstalled) console.warn('The specs of PgBouncer are skipped: it is not installed.');
const describeWithPgBouncer = isPgBouncerInstalled ? describe : describe.skip;

describeWithPgBouncer('createPool behind PgBouncer in transaction mode', () => {
  let direct: PostgresUnderControl;
  let pooled: TestPostgres;
  const pools: Pool[] = [];
  const open = (url: string, settings: Partial<PoolSettings> = {}) => {
    const pool = createPool({ url, app: 'test', ...settings }, SILENT);
    pools.push(pool);
    return pool;
  };

  beforeAll(async () => {
    direct = await postgresUnderControl();
    pooled = await behindPgBouncer(direct);
  });
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await pooled.stop();
  });

  /** The value of a setting as another client sees it on each connection of the pooler that is idle now. */
  async function readOnEachConnection(sql: string): Promise<unknown[]> {
    const pool = open(pooled.url, { max: 8 });
    const clients = await Promise.all(Array.from({ length: 8 }, () => pool.connect()));
    await Promise.all(clients.map((client) => client.query('BEGIN')));
    const found = await Promise.all(
      clients.map(
        async (client) => Object.values((await client.query<Record<string, unknown>>(sql)).rows[0]!)[0],
      ),
    );
    await Promise.all(clients.map((client) => client.query('ROLLBACK')));
    for (const client of clients) client.release();
    return found;
  }

  it('leaves no setting behind for other clients', async () => {
    const pool = open(pooled.url, { statementTimeoutMs: 1_234, idleInTransactionTimeoutMs: 2_345 });
    await Promise.all(Array.from({ length: 20 }, () => pool.query('SELECT pg_sleep(0.01)')));
    await Promise.all(
      Array.from({ length: 20 }, () => inTransaction(pool, (tx) => tx.query('SELECT pg_sleep(0.01)'))),
    );
    const settings = `SELECT current_setting('statement_timeout') || ' ' || current_setting('idle_in_transaction_session_timeout') AS s`;
    expect(new Set(await readOnEachConnection(settings))).toEqual(new Set(['0 0']));
  });

  it('limits the time of a transaction and of its statements', async () => {
    const pool = open(pooled.url, { statementTimeoutMs: 1_234, idleInTransactionTimeoutMs: 2_345 });
    const limits = await inTransaction(pool, async (tx) => {
      const { rows } = await tx.query(
        `SELECT current_setting('statement_timeout') AS statement, current_setting('idle_in_transaction_session_timeout') AS idle`,
      );
      return rows[0] as unknown;
    });
    expect(limits).toEqual({ statement: '1234ms', idle: '2345ms' });
  });

  const statement = { name: 'a name', text: 'SELECT pg_backend_pid() AS pid, pg_sleep(0.01)' };
  const COUNT_PREPARED = 'SELECT count(*)::int AS n FROM pg_prepared_statements';

  /**
   * Runs the statement on connections of the pooler in turn.
   * @returns how many
   */
  async function runOnManyConnections(url: string): Promise<number> {
    const pool = open(url, { max: 8 });
    const pids = new Set<unknown>();
    for (let round = 0; round < 5; round += 1) {
      const all = await Promise.all(Array.from({ length: 8 }, () => pool.query<{ pid: number }>(statement)));
      for (const { rows } of all) pids.add(rows[0]!.pid);
    }
    return pids.size;
  }

  it('prepares no statement under a name, which another connection would not know', async () => {
    expect(await runOnManyConnections(pooled.url)).toBeGreaterThan(1);
    expect(new Set(await readOnEachConnection(COUNT_PREPARED))).toEqual(new Set([0]));
  });

  const describeWithTracking = tracksStatements ? describe : describe.skip;
  describeWithTracking('that tracks statements', () => {
    it('prepares them there', async () => {
      const database = { url: direct.url, stop: async () => undefined };
      const tracking = await behindPgBouncer(database, { maxPreparedStatements: 100 });
      try {
        expect(await runOnManyConnections(tracking.url)).toBeGreaterThan(1);
        const pool = open(tracking.url);
        const prepared = `SELECT name FROM pg_prepared_statements WHERE statement = $1`;
        const { rows } = await pool.query<{ name: string }>(prepared, [statement.text]);
        expect(rows).toEqual([{ name: expect.stringMatching(/^PGBOUNCER_/) }]);
      } finally {
        await Promise.all(pools.splice(-2).map((pool) => pool.end()));
        await tracking.stop();
      }
    });
  });

  it('uses names and session settings where it is connected directly', async () => {
    const pool = open(direct.url, { max: 1, statementTimeoutMs: 1_234 });
    await pool.query({ name: 'a name', text: 'SELECT 1' });
    const { rows } = await pool.query(
      `SELECT current_setting('statement_timeout') AS timeout, (SELECT count(*)::int FROM pg_prepared_statements) AS names`,
    );
    expect(rows).toEqual([{ timeout: '1234ms', names: 1 }]);
  });

  it('pipelines a transaction', async () => {
    const pool = open(pooled.url, { pipeline: true });
    await pool.query('CREATE TABLE pipelined (n int)');
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const tx = await pool.connect();
        const done = [
          tx.query('BEGIN'),
          tx.query('INSERT INTO pipelined VALUES ($1)', [n]),
          tx.query('COMMIT'),
        ];
        expect((await Promise.all(done)).at(-1)).toMatchObject({ command: 'COMMIT' });
        tx.release();
      }),
    );
    expect((await pool.query('SELECT count(*)::int AS n FROM pipelined')).rows).toEqual([{ n: 40 }]);
  });

  it('reads times and text alike on a database with unusual settings', async () => {
    await setForDatabase(direct.url);
    const hostile = await behindPgBouncer({ url: direct.url, stop: async () => undefined });
    const pool = open(hostile.url);
    try {
      const { rows } = await pool.query(
        `SELECT '2026-03-04T05:06:07.089Z'::timestamptz AS at, date_trunc('day', '2026-03-04T20:00:00Z'::timestamptz) AS day,
           '\\n' || $1 AS text`,
        ['€ نور'],
      );
      expect(rows).toEqual([
        { at: '2026-03-04T05:06:07.089Z', day: '2026-03-04T00:00:00.000Z', text: '\\n€ نور' },
      ]);
    } finally {
      await pools.splice(pools.indexOf(pool), 1)[0]!.end();
      await hostile.stop();
    }
  });
});
