import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool, migrate, type Migrations, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { assertSchemasAreCurrent, SCHEMA_VERSIONS } from '#libs/service';
import { notificationMigrations } from '../../apps/notification/src/database/schema.js';
import { openTestPostgres, type TestPostgres } from '../support/postgres.js';
import { SILENT } from './support/consumer-harness.js';

let postgres: TestPostgres;
let pool: Pool;

beforeAll(async () => {
  postgres = await openTestPostgres();
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
});

afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const check = (url = postgres.url) =>
  assertSchemasAreCurrent({ url }, ['read_models', 'notification'], SILENT);

describe('SCHEMA_VERSIONS', () => {
  it.each([
    ['read_models', readModelMigrations],
    ['notification', notificationMigrations],
  ] as const)('has the number of the last migration of %s', async (schema, { directories }: Migrations) => {
    const files = await Promise.all(directories.map((directory) => readdir(directory)));
    const numbers = files.flat().map((file) => Number.parseInt(file, 10));
    expect(SCHEMA_VERSIONS[schema]).toBe(Math.max(...numbers));
  });
});

describe('assertSchemasAreCurrent', () => {
  it('lets an app start only on the schemas of its version, or of a later one', async () => {
    await expect(check()).rejects.toThrow('the schema read_models is at migration 0');
    await migrate(pool, readModelMigrations, SILENT);
    await expect(check()).rejects.toThrow('the schema notification is at migration 0');
    await migrate(pool, notificationMigrations, SILENT);
    await check();
    await pool.query('DELETE FROM read_models.migrations WHERE version = $1', [SCHEMA_VERSIONS.read_models]);
    await expect(check()).rejects.toThrow(
      `the schema read_models is at migration ${SCHEMA_VERSIONS.read_models - 1}, and this version needs`,
    );
    await pool.query(`INSERT INTO read_models.migrations (version, name) VALUES (1000, 'later')`);
    await check();
  });

  it('lets an app start that cannot ask the database: it waits for it', async () => {
    await expect(check('postgres://127.0.0.1:1/nothing')).resolves.toBeUndefined();
  });
});
