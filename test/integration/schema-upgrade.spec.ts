import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createPool, migrate, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { copyMigrations } from '../support/copy-migrations.js';
import { openTestPostgres, type TestPostgres } from '../support/postgres.js';
import { SILENT } from './support/consumer-harness.js';

/** Number, name and MD5 of the migrations in the history of existing installations. They never change. */
const HISTORY: [number, string, string][] = [
  [1, 'members-inbox-archive-sent', '2af40e4eb878b1b2b6a8440cd0f80a11'],
  [2, 'command-outcomes', 'dc3feb519f110ad0eb56b19e75bd151f'],
  [3, 'connections-account-restriction', 'c35b8279e92afd109ea1b2d45bcfa9ea'],
  [4, 'slices-and-generations', 'a1ed01e5b32452c30656efa6a759b3b2'],
  [5, 'dead-letters-redriven', '16857eb16668e5b2c0c380c11ab7a9ae'],
  [6, 'rate-limits', '1f734dbbdc37f5cbaf54c0c3430dc0db'],
  [7, 'reminders', '825b79dd67978cbb4e0889a86d347167'],
  [8, 'profile-places', '7ef2038985d83a0f5622620aea8a3125'],
  [9, 'add-column', '25c24dc3c68b3f23f326756dda0947f7'],
  [10, 'commands-partitions', '19341db54b193af6b1f33544f8a445bb'],
  [11, 'command-claims', '5fa86808f367f87f2a12924f1d080d26'],
  [15, 'profile-sweeps', '13a5ee3e6da4cb7addca3c5967f9b722'],
];

/** A row in each table of a library other than read-models. */
const ROWS: Record<string, string> = {
  command_outcomes: `('00000000-0000-4000-8000-000000000001', 'amal', 'TOO_SOON', '2026-01-05T09:00:00Z')`,
  command_claims: `('00000000-0000-4000-8000-000000000001', 'amal', 'amal', '\\x0a', '00000000-0000-4000-8000-000000000002',
    '2026-01-05T09:00:00Z', 1)`,
  dead_letters_redriven: `('invitations.commands', 3, 17, '2026-01-05T09:00:00Z')`,
  topic_partitions: `('invitations.commands', 64, '2026-01-05T09:00:00Z')`,
  rate_limits: `('send amal', '2026-01-05T09:00:00Z')`,
  profile_places: `('members.profiles', 3, 17, 253402300799999)`,
  profile_sweeps: `('members.profiles', '2026-01-05T09:00:00Z')`,
};

let postgres: TestPostgres;
let pool: Pool;
let folder: string;

beforeAll(async () => {
  postgres = await openTestPostgres();
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
  await rm(folder, { recursive: true });
});

async function history(): Promise<readonly [number, string, string][]> {
  const { rows } = await pool.query<{ version: string; name: string; md5: string }>(
    'SELECT version, name, md5 FROM read_models.migrations WHERE version > 0 ORDER BY version',
  );
  return rows.map(({ version, name, md5 }) => [Number(version), name, md5]);
}

async function rowsOf(table: string): Promise<readonly unknown[]> {
  return (await pool.query(`SELECT * FROM read_models.${table}`)).rows;
}

describe('an installation whose migrations all came from one folder', () => {
  it('keeps its rows and its history when the libraries bring their own migrations', async () => {
    await copyMigrations(readModelMigrations, folder, HISTORY.at(-1)![0]);
    await migrate(pool, { ...readModelMigrations, directories: [pathToFileURL(folder)] }, SILENT);
    expect(await history()).toEqual(HISTORY);
    for (const [table, row] of Object.entries(ROWS))
      await pool.query(`INSERT INTO read_models.${table} VALUES ${row}`);
    const before = await Promise.all(Object.keys(ROWS).map(rowsOf));

    await migrate(pool, readModelMigrations, SILENT);

    expect(await Promise.all(Object.keys(ROWS).map(rowsOf))).toEqual(before);
    expect((await history()).slice(0, HISTORY.length)).toEqual(HISTORY);
  });
});
