import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createPool, migrate, type Migrations, type Pool } from '#libs/platform';
import { openTestPostgres, type TestPostgres } from '../support/postgres.js';
import { SILENT } from './support/consumer-harness.js';

let postgres: TestPostgres;
let pool: Pool;
let root: string;
let folder: string;
let migrations: Migrations;
let count = 0;

beforeAll(async () => {
  postgres = await openTestPostgres();
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  root = await mkdtemp(join(tmpdir(), 'migrations-'));
});

beforeEach(async () => {
  count += 1;
  folder = await mkdtemp(join(root, 'm-'));
  migrations = { directories: [pathToFileURL(folder)], schema: `schema_${count}` };
});

afterAll(async () => {
  await pool.end();
  await postgres.stop();
  await rm(root, { recursive: true });
});

const file = (name: string, sql: string, into = folder) =>
  writeFile(join(into, name), sql.replaceAll('$s', migrations.schema));
const run = (from = pool) => migrate(from, migrations, SILENT);

async function tables(): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1',
    [migrations.schema],
  );
  return rows.map(({ name }) => name);
}

describe('migrate', () => {
  it('runs migrations in order and once each, and changes nothing when all have run', async () => {
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

  it('rolls back all migrations when one fails', async () => {
    await file('001.do.first.sql', 'CREATE TABLE $s.one ()');
    await file('002.do.second.sql', 'CREATE TABLE $s.two (); SELECT no_such_column');
    await expect(run()).rejects.toThrow('no_such_column');
    expect(await tables()).toEqual([]);
    await file('002.do.second.sql', 'CREATE TABLE $s.two ()');
    await run();
    expect(await tables()).toEqual(['migrations', 'one', 'two']);
  });

  it('runs each migration once when several processes start at the same time', async () => {
    await file('001.do.first.sql', 'CREATE TABLE $s.one (); SELECT pg_sleep(0.2)');
    await file('002.do.second.sql', 'CREATE TABLE $s.two ()');
    const other = createPool({ url: postgres.url, app: 'other' }, SILENT);
    await Promise.all([run(), run(other), run(), run(other)]);
    await other.end();
    expect(await tables()).toEqual(['migrations', 'one', 'two']);
    const { rows } = await pool.query(`SELECT version FROM ${migrations.schema}.migrations ORDER BY 1`);
    expect(rows.filter(({ version }) => Number(version) > 0)).toHaveLength(2);
  });

  it('rejects a file that was changed after it had run', async () => {
    await file('001.do.first.sql', 'CREATE TABLE $s.one ()');
    await run();
    await file('001.do.first.sql', 'CREATE TABLE $s.one (a text)');
    await file('002.do.second.sql', 'CREATE TABLE $s.two ()');
    await expect(run()).rejects.toThrow('MD5 checksum failed for migration [1]');
    expect(await tables()).toEqual(['migrations', 'one']);
  });

  it('runs the migrations of several folders in one order', async () => {
    const other = await mkdtemp(join(root, 'o-'));
    migrations = { ...migrations, directories: [...migrations.directories, pathToFileURL(other)] };
    await file('001.do.first.sql', 'CREATE TABLE $s.one ()');
    await file('003.do.third.sql', 'ALTER TABLE $s.two ADD b text');
    await expect(run()).rejects.toThrow(`no migrations in ${other}`);
    await file('002.do.second.sql', 'CREATE TABLE $s.two (a text)', other);
    await run();
    expect(await tables()).toEqual(['migrations', 'one', 'two']);
    await file('003.do.also-third.sql', 'CREATE TABLE $s.three ()', other);
    await expect(run()).rejects.toThrow('Two migrations found with version 3');
  });

  it('rejects a folder without migrations, which would look up to date', async () => {
    await expect(run()).rejects.toThrow('no migrations in');
    expect(await tables()).toEqual([]);
  });
});
