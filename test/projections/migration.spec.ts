import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createPool, inTransaction, migrate, type Pool } from '#libs/platform';
import { liveGeneration, readSlices } from '#libs/projection';
import { findInbox, readModelMigrations } from '#libs/read-models';
import { SILENT } from '../integration/support/kafka-world.js';
import { postgresUnderTest, type PostgresUnderTest } from '../support/postgres.js';
import { until } from '../support/until.js';

let postgres: PostgresUnderTest;
let pool: Pool;
let before: string;

beforeAll(async () => {
  postgres = await postgresUnderTest();
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  before = await mkdtemp(join(tmpdir(), 'migrations-'));
  const filter = (source: string) => !/^00[4-9]/.test(basename(source));
  await cp(fileURLToPath(readModelMigrations.directory), before, { recursive: true, filter });
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
  await rm(before, { recursive: true });
});

/** As the version before did it: the checkpoint, then the rows. */
const moveCheckpoint = `UPDATE read_models.checkpoints SET commit_position = commit_position + 1
  WHERE projection = 'inbox'`;
const writeRow = (id: string) =>
  `INSERT INTO read_models.inbox VALUES ('${id}', 'amal', 'bilal', NULL, '2026-01-05T09:00:00Z')`;

describe('from one checkpoint to slices', () => {
  it('nothing is lost or done twice, while the version before goes on at its work', async () => {
    await migrate(pool, { ...readModelMigrations, directory: pathToFileURL(before) }, SILENT);
    // More than a double holds.
    await pool.query(`INSERT INTO read_models.checkpoints VALUES ('inbox', 18446744073709551610, 7)`);

    const underWay = Promise.withResolvers<void>();
    const old = inTransaction(pool, async (tx) => {
      await tx.query(moveCheckpoint);
      await underWay.promise;
      await tx.query(writeRow('under-way'));
    });
    const migrated = migrate(pool, readModelMigrations, SILENT);
    const waits = async () =>
      (await pool.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).rowCount !== 0;
    await until(waits, 30_000, 'the migration waits for the transaction under way');
    underWay.resolve();
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
    expect(await liveGeneration(pool, 'inbox')).toBe(1);
    const slices = await readSlices(pool, 'inbox', 1);
    expect(slices.map(({ slice }) => slice)).toEqual(Array.from({ length: 64 }, (_, n) => n));
    for (const { position, owner } of slices) {
      expect(position).toEqual({ commit: 18446744073709551611n, prepare: 7n });
      expect(owner).toBeNull();
    }
  });
});
