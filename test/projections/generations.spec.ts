import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { decoded } from '#libs/event-store';
import { createPool, Health, inTransaction } from '#libs/platform';
import {
  catchUp,
  createGeneration,
  dropGeneration,
  eventLog,
  lowest,
  ProjectionMetrics,
  ProjectionWorker,
  readSlices,
  rowsEffect,
  showGeneration,
  WORKER_DEFAULTS,
  WorkerStatus,
  type RowProjection,
} from '#libs/projection';
import { Registry } from 'prom-client';
import type { InvitationEvent } from '#libs/invitation';
import { SILENT } from '../integration/support/kafka-world.js';
import { ProjectionWorld, type CountRow } from '../integration/support/projection-world.js';
import { until } from '../support/until.js';

let world: ProjectionWorld;

beforeAll(async () => {
  world = await ProjectionWorld.open();
});
afterEach(() => world.stopWorkers());
afterAll(() => world.close());

/** What a rebuild does, and what a mended fold would look like. */
function workerOn(projection: RowProjection<InvitationEvent, CountRow>, generation: number) {
  const status = new WorkerStatus(
    ...([projection.name, new Health(), new ProjectionMetrics(new Registry()), SILENT] as const),
    () => new Date(),
  );
  const effect = rowsEffect(projection, (recorded) => decoded(recorded).event);
  const settings = { ...WORKER_DEFAULTS, projection: projection.name, replica: 'rebuild', generation };
  return new ProjectionWorker(settings, world.pool, eventLog(world.client), effect, status);
}

const tensOf = (counting: RowProjection<InvitationEvent, CountRow>): typeof counting => ({
  ...counting,
  fold: (row, _event, account) => ({ account, events: (row?.events ?? 0) + 10 }),
});

describe('generations of a projection', () => {
  it('grow beside the one that is shown, and take its place with its workers', async () => {
    const counting = await world.counting('rebuilt');
    world.work(counting);
    await world.happen('rebuilt', 10);
    const { rows: shown } = await world.rows(counting);

    await inTransaction(world.pool, (tx) => createGeneration(tx, counting, 2, 1));
    const until1 = lowest((await readSlices(world.pool, 'rebuilt', 1)).map(({ position }) => position))!;
    const place = { projection: 'rebuilt', generation: 2 };
    const signal = AbortSignal.timeout(20_000);
    await catchUp(world.pool, workerOn(tensOf(counting), 2), place, until1, signal);
    const read = async (table: string) =>
      (await world.pool.query<CountRow>(`SELECT * FROM ${table} ORDER BY account COLLATE "C"`)).rows;
    expect(await read('test.rebuilt')).toEqual(shown);
    expect(await read('test.rebuilt_g2')).toEqual(shown.map((row) => ({ ...row, events: row.events * 10 })));
    expect((await readSlices(world.pool, 'rebuilt', 2)).every(({ owner }) => owner === null)).toBe(true);

    await inTransaction(world.pool, (tx) => showGeneration(tx, counting, 2));
    expect((await read('test.rebuilt'))[0]!.events).toBe(shown[0]!.events * 10);
    await until(
      async () => (await readSlices(world.pool, 'rebuilt', 2)).every(({ owner }) => owner !== null),
      30_000,
      'the live worker moves over',
    );
    expect((await readSlices(world.pool, 'rebuilt', 1)).every(({ owner }) => owner === null)).toBe(true);
    await world.appendMore('rebuilt-0', 1);
    await world.untilThere(counting);
    // The live worker still counts by ones; and the old table stays as it was.
    const first = shown.find(({ account }) => account === 'rebuilt-0')!.events;
    expect((await read('test.rebuilt')).find(({ account }) => account === 'rebuilt-0')!.events).toBe(
      first * 10 + 1,
    );
    expect(await read('test.rebuilt_g1')).toEqual(shown);

    await inTransaction(world.pool, (tx) => dropGeneration(tx, counting, 1));
    expect(await readSlices(world.pool, 'rebuilt', 1)).toEqual([]);
    await expect(read('test.rebuilt_g1')).rejects.toThrow('does not exist');
    expect(await read('test.rebuilt')).not.toEqual([]);
  });

  it('give up catching up when they are told to, and keep what they have', async () => {
    const counting = await world.counting('given_up');
    await inTransaction(world.pool, (tx) => createGeneration(tx, counting, 2, 1));
    await world.happen('given-up', 1);
    const end = [...(await world.log()).ends.values()].reduce((a, b) => (a > b ? a : b));
    const never = { commit: end + 1_000_000n, prepare: end + 1_000_000n };
    const place = { projection: 'given_up', generation: 2 };
    const pool = createPool({ url: world.databaseUrl, app: 'given_up' }, SILENT);
    const giveUp = AbortSignal.timeout(1_500);
    await expect(catchUp(pool, workerOn(counting, 2), place, never, giveUp)).rejects.toThrow(
      'aborted due to timeout',
    );
    await pool.end();
    const { rows } = await world.pool.query('SELECT FROM test.given_up_g2');
    expect(rows.length).toBeGreaterThan(0);
    expect((await readSlices(world.pool, 'given_up', 2)).every(({ owner }) => owner === null)).toBe(true);
  });
});
