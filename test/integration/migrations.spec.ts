import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createPool, migrate, type Migrations, type Pool } from '#libs/platform';
import { postgresUnderTest, type PostgresUnderTest } from '../support/postgres.js';
import { SILENT } from './support/kafka-world.js';

let postgres: PostgresUnderTest;
let pool: Pool;
let root: string;
let folder: string;
let migrations: Migrations;
let count = 0;

beforeAll(async () => {
  postgres = await postgresUnderTest();
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  root = await mkdtemp(join(tmpdir(), 'migrations-'));
});

beforeEach(async () => {
  count += 1;
  folder = await mkdtemp(join(root, 'm-'));
  migrations = { directory: pathToFileURL(folder), schema: `schema_${count}` };
});

afterAll(async () => {
  await pool.end();
  await postgres.stop();
  await rm(root, { recursive: true });
});

const file = (name: string, sql: string) =>
  writeFile(join(folder, name), sql.replaceAll('$s', migrations.schema));
const run = (from = pool) => migrate(from, migrations, SILENT);

async function tables(): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1',
    [migrations.schema],
  );
  return rows.map(({ name }) => name);
}

describe('migrations', () => {
  it('run in order, each once, and change nothing when there is nothing to do', async () => {
    await file('002.do.second.sql', 'ALTER TABLE $s.one ADD b text');
    await file('001.do.first.sql', 'CREATE TABLE $s.one (a text); INSERT INTO $s.one VALUES (1)');
    await run();
    await run();
    await file('003.do.third.sql', 'CREATE TABLE $s.two ()');
    await run();
    expect(await tables()).toEqual(['migrations', 'one', 'two']);
    const { rows } = await pool.query(`SELECT * FROM ${migrations.schema}.one`);
    expect(rows).toEqual([{ a: '1', b: null }]);
  });

  it('are all or nothing', async () => {
    await file('001.do.first.sql', 'CREATE TABLE $s.one ()');
    await file('002.do.second.sql', 'CREATE TABLE $s.two (); SELECT no_such_column');
    await expect(run()).rejects.toThrow('no_such_column');
    expect(await tables()).toEqual([]);
    await file('002.do.second.sql', 'CREATE TABLE $s.two ()');
    await run();
    expect(await tables()).toEqual(['migrations', 'one', 'two']);
  });

  it('run once when several places start them at the same time', async () => {
    await file('001.do.first.sql', 'CREATE TABLE $s.one (); SELECT pg_sleep(0.2)');
    await file('002.do.second.sql', 'CREATE TABLE $s.two ()');
    const other = createPool({ url: postgres.url, app: 'other' }, SILENT);
    await Promise.all([run(), run(other), run(), run(other)]);
    await other.end();
    expect(await tables()).toEqual(['migrations', 'one', 'two']);
    const { rows } = await pool.query(`SELECT version FROM ${migrations.schema}.migrations ORDER BY 1`);
    expect(rows.filter(({ version }) => Number(version) > 0)).toHaveLength(2);
  });

  it('refuse a file that was changed after it had run', async () => {
    await file('001.do.first.sql', 'CREATE TABLE $s.one ()');
    await run();
    await file('001.do.first.sql', 'CREATE TABLE $s.one (a text)');
    await file('002.do.second.sql', 'CREATE TABLE $s.two ()');
    await expect(run()).rejects.toThrow('MD5 checksum failed for migration [1]');
    expect(await tables()).toEqual(['migrations', 'one']);
  });

  it('refuse a folder that holds none, which would look like all is done', async () => {
    await expect(run()).rejects.toThrow('no migrations in');
    expect(await tables()).toEqual([]);
  });
});
