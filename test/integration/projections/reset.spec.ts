import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, rmSync } from 'node:fs';
import { resetProjection, createGeneration } from '#libs/projection';
import { inTransaction } from '#libs/platform';
import { ProjectionHarness } from '../support/projection-harness.js';
import { newFolder, removeFolder } from '../../support/standalone.js';
import { until } from '../../support/until.js';

let harness: ProjectionHarness;
const backup = newFolder();

beforeAll(async () => {
  harness = await ProjectionHarness.open({ killsEventStore: true });
});
afterEach(() => harness.stopWorkers());
afterAll(async () => {
  await harness.close();
  removeFolder(backup);
});

describe('resetProjection', () => {
  it('replays the log into an empty table while workers run, and drops other generations', async () => {
    const counting = await harness.counting('anew');
    harness.work(counting);
    harness.work(counting);
    await harness.happen('anew', 10);
    await harness.appendUnknown('anew-3');
    await harness.rows(counting);
    await harness.pool.query(`INSERT INTO test.anew_g1 VALUES ('nobody', 3)`);
    await inTransaction(harness.pool, (tx) => createGeneration(tx, counting, 2, 1));

    await resetProjection(harness.pool, counting, undefined);
    await harness.happen('more', 5);
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
    const { rows: generations } = await harness.pool.query(
      `SELECT DISTINCT generation FROM read_models.slices WHERE projection = 'anew'`,
    );
    expect(generations).toEqual([{ generation: 1 }]);
  });

  it('continues from the position given', async () => {
    const counting = await harness.counting('at_end');
    const { ends } = await harness.log();
    const end = [...ends.values()].reduce((a, b) => (a > b ? a : b));
    await resetProjection(harness.pool, counting, { commit: end, prepare: end });
    harness.work(counting);
    await harness.happen('late', 1);
    await until(
      async () => (await harness.pool.query('SELECT FROM test.at_end')).rowCount === 1,
      30_000,
      'only the account appended afterwards',
    );
  });

  it('repairs a projection whose checkpoint is ahead of a restored log, which workers report until then', async () => {
    const { eventStore } = harness;
    const counting = await harness.counting('restored');
    await harness.happen('kept', 3);
    await eventStore.kill();
    cpSync(eventStore.dataDir, backup, { recursive: true });
    await eventStore.start();
    const worker = harness.work(counting);
    await harness.happen('lost', 5);
    await harness.untilThere(counting);

    await eventStore.kill();
    rmSync(eventStore.dataDir, { recursive: true });
    cpSync(backup, eventStore.dataDir, { recursive: true });
    await eventStore.start();
    await until(
      () => !worker.state().ready && worker.state().detail?.includes('ends before') === true,
      60_000,
      () => `the worker reports it: ${JSON.stringify(worker.state())}`,
    );
    expect(await worker.metric('ahead_of_log')).toBe(1);

    await resetProjection(harness.pool, counting, undefined);
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
    expect(rows.map(({ account }) => account)).not.toContain('lost-0');
    await until(
      () => worker.state().ready,
      30_000,
      () => JSON.stringify(worker.state()),
    );
  });

  it('rejects a restored log that has grown past the checkpoint, until the projection is reset', async () => {
    const { eventStore } = harness;
    const counting = await harness.counting('grown');
    await harness.happen('grown-kept', 3);
    await eventStore.kill();
    rmSync(backup, { recursive: true });
    cpSync(eventStore.dataDir, backup, { recursive: true });
    await eventStore.start();
    const former = harness.work(counting);
    await harness.happen('grown-lost', 2);
    const { rows: before } = await harness.rows(counting);
    await former.stop();

    await eventStore.kill();
    rmSync(eventStore.dataDir, { recursive: true });
    cpSync(backup, eventStore.dataDir, { recursive: true });
    await eventStore.start();
    await harness.happen('grown-since', 9);
    const worker = harness.work(counting);
    await until(
      () => !worker.state().ready && worker.state().detail?.includes('does not have the event') === true,
      60_000,
      () => `the worker reports it: ${JSON.stringify(worker.state())}`,
    );
    expect(await worker.metric('ahead_of_log')).toBe(1);
    const { rows: unchanged } = await harness.pool.query(
      'SELECT * FROM test.grown ORDER BY account COLLATE "C"',
    );
    expect(unchanged).toEqual(before);

    await resetProjection(harness.pool, counting, undefined);
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
    expect(rows.map(({ account }) => account)).toContain('grown-since-8');
    await until(
      () => worker.state().ready,
      30_000,
      () => JSON.stringify(worker.state()),
    );
  });
});
