import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createPool, inTransaction, migrate, type Pool } from '#libs/platform';
import { readLiveGeneration, readSlices } from '#libs/projection';
import { findInbox, readModelMigrations } from '#libs/read-models';
import { SILENT } from '../support/consumer-harness.js';
import { copyMigrations } from '../../support/copy-migrations.js';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';
import { until } from '../../support/until.js';

let postgres: TestPostgres;
let pool: Pool;
let before: string;

beforeAll(async () => {
  postgres = await openTestPostgres();
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  before = await mkdtemp(join(tmpdir(), 'migrations-'));
  await copyMigrations(readModelMigrations, before, 3);
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
  await rm(before, { recursive: true });
});

/** How the previous version committed: the checkpoint first, then the rows. */
const moveCheckpoint = `UPDATE read_models.checkpoints SET commit_position = commit_position + 1
  WHERE projection = 'inbox'`;
const writeRow = (id: string) =>
  `INSERT INTO read_models.inbox VALUES ('${id}', 'amal', 'bilal', NULL, '2026-01-05T09:00:00Z')`;

describe('the migration from one checkpoint to slices', () => {
  it('loses and repeats nothing while the previous version is running', async () => {
    await migrate(pool, { ...readModelMigrations, directories: [pathToFileURL(before)] }, SILENT);
    // Larger than the integers that a double can represent.
    await pool.query(`INSERT INTO read_models.checkpoints VALUES ('inbox', 18446744073709551610, 7)`);

    const gate = Promise.withResolvers<void>();
    const old = inTransaction(pool, async (tx) => {
      await tx.query(moveCheckpoint);
      await gate.promise;
      await tx.query(writeRow('under-way'));
    });
    const migrated = migrate(pool, readModelMigrations, SILENT);
    const waits = async () =>
      (
        await pool.query(
          "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
        )
      ).rowCount !== 0;
    await until(waits, 30_000, 'the migration waits for the open transaction');
    gate.resolve();
    await old;
    await migrated;

    const late = inTransaction(pool, async (tx) => {
      await tx.query(moveCheckpoint);
      await tx.query(writeRow('late'));
    });
    await expect(late).rejects.toThrow('read_models.checkpoints');
    expect((await findInbox(pool, 'bilal', { limit: 10 })).items.map((item) => item.invitationId)).toEqual([
      'under-way',
    ]);
    expect(await readLiveGeneration(pool, 'inbox')).toBe(1);
    const slices = await readSlices(pool, 'inbox', 1);
    expect(slices.map(({ slice }) => slice)).toEqual(Array.from({ length: 64 }, (_, n) => n));
    for (const { position, owner } of slices) {
      expect(position).toEqual({ commit: 18446744073709551611n, prepare: 7n });
      expect(owner).toBeNull();
    }
  });
});
