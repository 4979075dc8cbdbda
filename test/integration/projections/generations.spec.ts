import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { isAfter, lowestPosition } from '#libs/event-store/read-only';
import { inTransaction } from '#libs/platform';
import {
  activateGeneration,
  createGeneration,
  deleteGeneration,
  readSlices,
  type RowProjection,
} from '#libs/projection';
import type { InvitationEvent } from '#libs/invitation';
import { ProjectionHarness, type CountRow } from '../support/projection-harness.js';
import { until } from '../../support/until.js';

let harness: ProjectionHarness;

beforeAll(async () => {
  harness = await ProjectionHarness.open();
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

/** The projection after a change of its fold. */
const tensOf = (counting: RowProjection<InvitationEvent, CountRow>): typeof counting => ({
  ...counting,
  fold: (row, _event, account) => ({ account, events: (row?.events ?? 0) + 10 }),
});

describe('generations of a projection', () => {
  it('are built beside the live one, and replace it for queries and workers', async () => {
    const counting = await harness.counting('rebuilt');
    harness.work(counting);
    await harness.happen('rebuilt', 10);
    const { rows: liveRows } = await harness.rows(counting);

    await inTransaction(harness.pool, (tx) => createGeneration(tx, counting, 2, 1));
    const target = lowestPosition(
      (await readSlices(harness.pool, 'rebuilt', 1)).map(({ position }) => position),
    )!;
    const builder = harness.work(tensOf(counting), { generation: 2 });
    await until(
      async () =>
        (await readSlices(harness.pool, 'rebuilt', 2)).every(
          ({ position }) => position !== undefined && !isAfter(target, position),
        ),
      20_000,
      'generation 2 has caught up',
    );
    await builder.stop();
    const read = async (table: string) =>
      (await harness.pool.query<CountRow>(`SELECT * FROM ${table} ORDER BY account COLLATE "C"`)).rows;
    expect(await read('test.rebuilt')).toEqual(liveRows);
    expect(await read('test.rebuilt_g2')).toEqual(
      liveRows.map((row) => ({ ...row, events: row.events * 10 })),
    );
    expect((await readSlices(harness.pool, 'rebuilt', 2)).every(({ owner }) => owner === null)).toBe(true);

    await inTransaction(harness.pool, (tx) => activateGeneration(tx, counting, 2));
    expect((await read('test.rebuilt'))[0]!.events).toBe(liveRows[0]!.events * 10);
    await until(
      async () => (await readSlices(harness.pool, 'rebuilt', 2)).every(({ owner }) => owner !== null),
      30_000,
      'the worker owns the slices of generation 2',
    );
    expect((await readSlices(harness.pool, 'rebuilt', 1)).every(({ owner }) => owner === null)).toBe(true);
    await harness.appendMore('rebuilt-0', 1);
    await harness.untilThere(counting);
    // The worker still counts by ones, and the table of generation 1 is unchanged.
    const first = liveRows.find(({ account }) => account === 'rebuilt-0')!.events;
    expect((await read('test.rebuilt')).find(({ account }) => account === 'rebuilt-0')!.events).toBe(
      first * 10 + 1,
    );
    expect(await read('test.rebuilt_g1')).toEqual(liveRows);

    await inTransaction(harness.pool, (tx) => deleteGeneration(tx, counting, 1));
    expect(await readSlices(harness.pool, 'rebuilt', 1)).toEqual([]);
    await expect(read('test.rebuilt_g1')).rejects.toThrow('does not exist');
    expect(await read('test.rebuilt')).not.toEqual([]);
  });
});
