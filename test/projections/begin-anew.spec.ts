import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, rmSync } from 'node:fs';
import { beginAnew, createGeneration } from '#libs/projection';
import { inTransaction } from '#libs/platform';
import { ProjectionWorld } from '../integration/support/projection-world.js';
import { newFolder, removeFolder } from '../support/standalone.js';
import { until } from '../support/until.js';

let world: ProjectionWorld;
const backup = newFolder();

beforeAll(async () => {
  world = await ProjectionWorld.open();
});
afterEach(() => world.stopWorkers());
afterAll(async () => {
  await world.close();
  removeFolder(backup);
});

describe('a projection that begins anew', () => {
  it('has the rows of the log and no others, though its workers run all the time', async () => {
    const counting = await world.counting('anew');
    world.work(counting);
    world.work(counting);
    await world.happen('anew', 10);
    await world.appendUnknown('anew-3');
    await world.rows(counting);
    await world.pool.query(`INSERT INTO test.anew_g1 VALUES ('nobody', 3)`);
    await inTransaction(world.pool, (tx) => createGeneration(tx, counting, 2, 1));

    await beginAnew(world.pool, counting, undefined);
    await world.happen('more', 5);
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    const { rows: generations } = await world.pool.query(
      `SELECT DISTINCT generation FROM read_models.slices WHERE projection = 'anew'`,
    );
    expect(generations).toEqual([{ generation: 1 }]);
  });

  it('goes on from where it is told to', async () => {
    const counting = await world.counting('at_end');
    const { ends } = await world.log();
    const end = [...ends.values()].reduce((a, b) => (a > b ? a : b));
    await beginAnew(world.pool, counting, { commit: end, prepare: end });
    world.work(counting);
    await world.happen('late', 1);
    await until(
      async () => (await world.pool.query('SELECT FROM test.at_end')).rowCount === 1,
      30_000,
      'the account that came afterwards, and no other',
    );
  });

  it('is what the workers ask for after the event store was restored to an older state', async () => {
    const { eventStore } = world;
    const counting = await world.counting('restored');
    await world.happen('kept', 3);
    await eventStore.kill();
    cpSync(eventStore.dataDir, backup, { recursive: true });
    await eventStore.start();
    const worker = world.work(counting);
    await world.happen('lost', 5);
    await world.untilThere(counting);

    await eventStore.kill();
    rmSync(eventStore.dataDir, { recursive: true });
    cpSync(backup, eventStore.dataDir, { recursive: true });
    await eventStore.start();
    await until(
      () => !worker.state().ready && worker.state().detail?.includes('ends before') === true,
      60_000,
      () => `the worker to say so: ${JSON.stringify(worker.state())}`,
    );
    expect(await worker.metric('ahead_of_log')).toBe(1);

    await beginAnew(world.pool, counting, undefined);
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    expect(rows.map(({ account }) => account)).not.toContain('lost-0');
    await until(
      () => worker.state().ready,
      30_000,
      () => JSON.stringify(worker.state()),
    );
  });
});
