import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findAddresses, findOwnedRows, findStoredTables, MEMBER_TABLES } from '#libs/member-data';
import { createPool, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { notificationMigrations } from '../../../apps/notification/src/database/schema.js';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';
import { SILENT } from '../support/consumer-harness.js';
import { addressOf, insertRowsOfTwo } from './rows-of-members.js';

let postgres: TestPostgres;
let pool: Pool;

beforeAll(async () => {
  postgres = await openTestPostgres(readModelMigrations, notificationMigrations);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

/** Types whose values cannot identify anybody. */
const HARMLESS = ['boolean', 'smallint', 'integer', 'bigint', 'numeric', 'uuid', 'timestamp with time zone'];

/** The tables of the migrated database, with their columns that can hold an id or a text. */
async function findColumns(): Promise<Record<string, string[]>> {
  const { rows } = await pool.query<{ name: string; columns: string[] }>(
    `SELECT table_schema || '.' || regexp_replace(table_name, '_g[0-9]+$', '') AS name,
       coalesce(array_agg(column_name::text) FILTER (WHERE data_type <> ALL($1)), '{}') AS columns
     FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'
     GROUP BY 1`,
    [HARMLESS],
  );
  return Object.fromEntries(rows.map(({ name, columns }) => [name, columns.toSorted()]));
}

describe('the list of tables that hold data of members', () => {
  it('has every table of the database, with every column that can hold an id or a text', async () => {
    const listed = MEMBER_TABLES.map(({ name, columns }) => [name, [...new Set(columns)].toSorted()]);
    expect(Object.fromEntries(listed)).toEqual(await findColumns());
    expect(listed).toHaveLength(MEMBER_TABLES.length);
  });

  it('says of each table which rows are the own ones of a member, or why none is', () => {
    const silent = MEMBER_TABLES.filter(({ owned, kept }) => owned === undefined && kept === undefined);
    expect(silent).toEqual([]);
  });

  it('finds all own rows of a member, and no row of another one', async () => {
    await insertRowsOfTwo(pool, 'amal', 'bilal');
    const [amal, bilal] = ['amal', 'bilal'].map((id) => ({ id, addresses: [addressOf(id)] }));
    for (const table of MEMBER_TABLES.filter(({ owned }) => owned !== undefined)) {
      const { rows } = await pool.query<{ count: number }>(
        `SELECT count(*)::integer AS count FROM ${table.name}`,
      );
      const [ofAmal, ofBilal] = await Promise.all(
        [amal!, bilal!].map((member) => findOwnedRows(pool, table, member)),
      );
      expect([table.name, ofAmal!.length, ofBilal!.length]).toEqual([
        table.name,
        rows[0]!.count / 2,
        rows[0]!.count / 2,
      ]);
      expect(ofAmal!.length).toBeGreaterThan(0);
      expect(JSON.stringify(ofBilal)).not.toEqual(JSON.stringify(ofAmal));
      expect(await findOwnedRows(pool, table, { id: 'ama', addresses: [] })).toEqual([]);
    }
  });

  it('finds the addresses of a member, and each generation of a read model', async () => {
    expect(await findAddresses(pool, 'amal')).toEqual([addressOf('amal')]);
    expect(await findAddresses(pool, 'unknown')).toEqual([]);
    await pool.query('CREATE TABLE read_models.inbox_g12 (LIKE read_models.inbox_g1)');
    const inbox = MEMBER_TABLES.find(({ name }) => name === 'read_models.inbox')!;
    expect(await findStoredTables(pool, inbox)).toEqual(['read_models.inbox_g1', 'read_models.inbox_g12']);
    await pool.query('DROP TABLE read_models.inbox_g12');
  });
});
