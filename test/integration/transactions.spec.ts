import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createPool, inTransaction, runTogether, type Pool, type Queryable } from '#libs/platform';
import { openTestPostgres, type TestPostgres } from '../support/postgres.js';
import { SILENT } from './support/consumer-harness.js';

let postgres: TestPostgres;
let admin: Pool;
let pool: Pool;

beforeAll(async () => {
  postgres = await openTestPostgres();
  admin = createPool({ url: postgres.url, app: 'admin' }, SILENT);
  await admin.query('CREATE TABLE written (value text)');
});

beforeEach(async () => {
  await admin.query('TRUNCATE written');
  pool = createPool({ url: postgres.url, app: 'test', max: 1 }, SILENT);
});

afterAll(async () => {
  await admin.end();
  await postgres.stop();
});

const write = (db: Queryable, value: string) => db.query('INSERT INTO written VALUES ($1)', [value]);
const pidOf = async (db: Queryable) =>
  (await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;

async function written(): Promise<string[]> {
  const { rows } = await admin.query<{ value: string }>('SELECT value FROM written ORDER BY 1');
  return rows.map(({ value }) => value);
}

/** Ends a connection, and waits until the server has ended the session. */
async function terminate(pid: number): Promise<void> {
  await admin.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
}

describe('inTransaction', () => {
  it('commits, and returns what its callback returns', async () => {
    expect(await inTransaction(pool, async (tx) => (await write(tx, 'a')).rowCount)).toBe(1);
    expect(await written()).toEqual(['a']);
    await pool.end();
  });

  it('rolls back when its callback throws, and keeps the connection usable', async () => {
    const pid = await pidOf(pool);
    const failing = inTransaction(pool, async (tx) => {
      await write(tx, 'a');
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await written()).toEqual([]);
    expect(await pidOf(pool)).toBe(pid);
    await pool.end();
  });

  it('throws when its callback ignored a failed statement', async () => {
    const careless = inTransaction(pool, async (tx) => {
      await write(tx, 'a');
      await tx.query('SELECT no_such_column').catch(() => undefined);
    });
    await expect(careless).rejects.toThrow('rolled back');
    expect(await written()).toEqual([]);
    await pool.end();
  });

  it('throws when its connection breaks, and gives the next transaction a new connection', async () => {
    let pid = 0;
    const broken = inTransaction(pool, async (tx) => {
      pid = await pidOf(tx);
      await write(tx, 'a');
      await terminate(pid);
      await write(tx, 'b');
    });
    await expect(broken).rejects.toThrow(/terminat|closed|not queryable/);
    await inTransaction(pool, async (tx) => {
      expect(await pidOf(tx)).not.toBe(pid);
      await write(tx, 'c');
    });
    expect(await written()).toEqual(['c']);
    await pool.end();
  });

  it('succeeds after the server has closed idle connections', async () => {
    await terminate(await pidOf(pool));
    await inTransaction(pool, (tx) => write(tx, 'a'));
    expect(await written()).toEqual(['a']);
    await pool.end();
  });
});

describe('runTogether', () => {
  it.each([true, false])('lets no statement run after the rollback (pipeline: %s)', async (pipeline) => {
    const other = createPool({ url: postgres.url, app: 'test', pipeline }, SILENT);
    const failing = inTransaction(other, (tx) =>
      runTogether(tx, [
        async () => {
          throw new Error('cannot be handled');
        },
        async () => {
          await write(tx, 'a');
          await write(tx, 'b');
        },
      ]),
    );
    await expect(failing).rejects.toThrow('cannot be handled');
    expect(await written()).toEqual([]);
    await other.end();
  });

  it('throws the error that made PostgreSQL reject the later statements', async () => {
    const other = createPool({ url: postgres.url, app: 'test', pipeline: true }, SILENT);
    const failing = inTransaction(other, (tx) =>
      runTogether(tx, [
        async () => {
          await write(tx, 'a');
          await write(tx, 'b');
        },
        async () => void (await tx.query('SELECT 1 / 0')),
      ]),
    );
    await expect(failing).rejects.toThrow('division by zero');
    expect(await written()).toEqual([]);
    await other.end();
  });
});
