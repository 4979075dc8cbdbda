import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { InvitationEvent } from '#libs/invitation';
import {
  dropGeneration,
  readLiveGeneration,
  readSlices,
  rebuildProjection,
  switchGeneration,
  type RowProjection,
} from '#libs/projection';
import { archiveProjection, inboxProjection, remindersProjection, sentProjection } from '#libs/read-models';
import { ProjectionHarness, type CountRow } from '../support/projection-harness.js';
import {
  accountClosed,
  closed,
  declined,
  expired,
  ignored,
  replied,
  restored,
  sent,
} from '../../support/story.js';
import { until } from '../../support/until.js';
import { createRebuild } from './support/rebuilds.js';

let harness: ProjectionHarness;

beforeAll(async () => {
  harness = await ProjectionHarness.open();
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

type Counting = RowProjection<InvitationEvent, CountRow>;

const read = async (table: string) =>
  (await harness.pool.query<CountRow>(`SELECT * FROM ${table} ORDER BY account COLLATE "C"`)).rows;

/** Counts one account differently. */
const changed = (counting: Counting, odd: string): Counting => ({
  ...counting,
  fold: (row, event, account) =>
    account === odd ? { account, events: 1_000 } : counting.fold(row, event, account),
});

async function withWorker(name: string, accounts = 8): Promise<Counting> {
  const counting = await harness.counting(name);
  harness.work(counting);
  await harness.happen(name, accounts);
  await harness.untilThere(counting);
  return counting;
}

describe('a rebuild of a projection', () => {
  it('activates the new generation if the rows agree, and workers continue with it', async () => {
    const counting = await withWorker('agreeing');
    const before = await read('test.agreeing');
    const { context, options, comparisons, stages } = createRebuild(harness, counting);
    expect(await rebuildProjection(context, false, options())).toEqual({ live: 1, next: 2 });
    expect(stages[0]).toBe('building generation 2 beside generation 1');
    expect(comparisons).toHaveLength(1);
    expect(comparisons[0]).toMatchObject({ agree: true, live: { rows: before.length } });
    expect(comparisons[0]!.next).toEqual(comparisons[0]!.live);
    expect(await read('test.agreeing')).toEqual(before);
    const known = `SELECT reltuples::int AS rows FROM pg_class WHERE oid = 'test.agreeing_g2'::regclass`;
    expect((await harness.pool.query(known)).rows).toEqual([{ rows: before.length }]);
    await harness.appendMore('agreeing-0', 3);
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
    expect(await read('test.agreeing_g2')).toEqual(rows);
  });

  it('rejects and keeps a generation whose rows differ, and activates it with expectChanges', async () => {
    const counting = await withWorker('differing');
    const before = await read('test.differing');
    await harness.pool.query(`INSERT INTO test.differing_g1 VALUES ('nobody', 1)`);
    await harness.pool.query(`DELETE FROM test.differing_g1 WHERE account = 'differing-1'`);
    const { context, options, comparisons } = createRebuild(harness, changed(counting, 'differing-3'));
    await expect(rebuildProjection(context, false, options())).rejects.toThrow(
      'the rows differ: generation 1 stays live, and generation 2 is kept for inspection',
    );
    expect(await readLiveGeneration(harness.pool, 'differing')).toBe(1);
    expect(comparisons[0]).toMatchObject({
      agree: false,
      counts: { missing: 1, extra: 1, different: 1 },
      sample: [
        { kind: 'different', key: 'differing-3', columns: ['events'] },
        { kind: 'extra', key: 'differing-1' },
        { kind: 'missing', key: 'nobody' },
      ],
    });
    await expect(switchGeneration(context, 2, options())).rejects.toThrow('the rows differ');
    let shownWhileLive = 0;
    const showDifferences = async () => {
      shownWhileLive = await readLiveGeneration(harness.pool, 'differing');
    };
    await switchGeneration(context, 2, options({ expectChanges: true, showDifferences }));
    expect(shownWhileLive).toBe(1);
    const odd = (await read('test.differing')).find(({ account }) => account === 'differing-3');
    expect(odd?.events).toBe(1_000);
    expect(await read('test.differing')).toHaveLength(before.length);
  });

  it('builds the same lists of expired invitations, whatever their recipients did (D22)', async () => {
    const projections = [sentProjection, inboxProjection, archiveProjection, remindersProjection];
    for (const projection of projections) harness.work<object>(projection);
    const responses = [[], [ignored(2)], [ignored(2), restored(3)], [ignored(2), declined(3)], [replied(2)]];
    for (const [n, response] of responses.entries()) {
      await harness.begin(`old-${n}`, [sent(1, { message: 'Hi' }), ...response, expired(50)]);
    }
    for (const projection of projections) await harness.untilThere(projection);
    const old = `SELECT * FROM read_models.sent WHERE inviter_id LIKE 'old-%' ORDER BY inviter_id`;
    const before = (await harness.pool.query<{ status: string }>(old)).rows;
    expect(before.map(({ status }) => status)).toEqual(responses.map(() => 'expired'));
    for (const projection of projections) {
      const { context, options, comparisons } = createRebuild<InvitationEvent, object>(harness, projection);
      await rebuildProjection(context, false, options());
      expect(comparisons).toMatchObject([{ agree: true }]);
    }
    expect((await harness.pool.query(old)).rows).toEqual(before);
    for (const table of ['inbox', 'archive', 'reminders']) {
      const { rows } = await harness.pool.query(
        `SELECT FROM read_models.${table} WHERE invitation_id LIKE 'old-%'`,
      );
      expect(rows).toEqual([]);
    }
  });

  it('builds the same lists of members whose account was closed, and of the others (D23)', async () => {
    const projections = [sentProjection, inboxProjection, archiveProjection, remindersProjection];
    for (const projection of projections) harness.work<object>(projection);
    const responses = [[], [ignored(2)], [ignored(2), restored(3)], [ignored(2), declined(3)], [replied(2)]];
    for (const [n, response] of responses.entries()) {
      await harness.begin(`left-${n}`, [
        sent(1, { message: 'Hi' }),
        ...response,
        accountClosed(50),
        closed(51),
      ]);
      await harness.begin(`stays-${n}`, [sent(1, { message: 'Hi' }), ...response]);
    }
    for (const projection of projections) await harness.untilThere(projection);
    const rowsOf = async (table: string, accounts: string) =>
      (
        await harness.pool.query(
          `SELECT * FROM read_models.${table} WHERE invitation_id LIKE $1 ORDER BY invitation_id`,
          [`${accounts}-%`],
        )
      ).rows;
    const lists = ['sent', 'inbox', 'archive', 'reminders'];
    const readAll = (accounts: string) => Promise.all(lists.map((list) => rowsOf(list, accounts)));
    const before = await readAll('stays');
    expect(before[0]).toHaveLength(responses.length);
    for (const projection of projections) {
      const { context, options, comparisons } = createRebuild<InvitationEvent, object>(harness, projection);
      await rebuildProjection(context, false, options());
      expect(comparisons).toMatchObject([{ agree: true }]);
    }
    expect(await readAll('stays')).toEqual(before);
    expect(await readAll('left')).toEqual(lists.map(() => []));
  });

  it('builds the same lists of invitations that were moved back to the inbox (D20)', async () => {
    const projections = [sentProjection, inboxProjection, archiveProjection, remindersProjection];
    for (const projection of projections) harness.work<object>(projection);
    const responses = [
      [ignored(2), restored(3)],
      [ignored(2), restored(3), ignored(4)],
      [replied(2), ignored(3), restored(4)],
      [ignored(2)],
      [],
    ];
    for (const [n, response] of responses.entries()) await harness.begin(`back-${n}`, [sent(1), ...response]);
    for (const projection of projections) await harness.untilThere(projection);
    const rowsOf = async (list: string) =>
      (
        await harness.pool.query<Record<string, unknown>>(
          `SELECT * FROM read_models.${list} WHERE invitation_id LIKE 'back-%' ORDER BY invitation_id`,
        )
      ).rows;
    const read = () => Promise.all(['sent', 'inbox', 'archive', 'reminders'].map(rowsOf));
    const before = await read();
    const moves = before[2]!.map(({ ignored: isIgnored, restored: isRestored }) => [isIgnored, isRestored]);
    expect(moves).toEqual([
      [false, true],
      [true, false],
      [false, true],
      [true, false],
      [false, false],
    ]);
    for (const projection of projections) {
      const { context, options, comparisons } = createRebuild<InvitationEvent, object>(harness, projection);
      await rebuildProjection(context, false, options());
      expect(comparisons).toMatchObject([{ agree: true }]);
    }
    expect(await read()).toEqual(before);
    // Workers continue with restored rows of the new generation.
    await harness.append('back-0', ignored(5));
    for (const projection of projections) await harness.untilThere(projection);
    expect((await rowsOf('archive'))[0]).toMatchObject({ ignored: true, restored: false });
  });

  it('catches up the previous generation before it switches back', async () => {
    const counting = await withWorker('returning');
    const { context, options, comparisons } = createRebuild(harness, changed(counting, 'returning-3'));
    await rebuildProjection(context, false, options({ expectChanges: true }));
    await harness.appendMore('returning-0', 5);
    await harness.untilThere(counting);
    const old = createRebuild(harness, counting);
    expect(await switchGeneration(old.context, 1, old.options())).toEqual({ live: 2, next: 1 });
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
    expect(comparisons).toHaveLength(1);
    expect(old.comparisons).toEqual([]);
    await expect(switchGeneration(context, 1, options())).rejects.toThrow(
      'generation 1 of returning is live already',
    );
    await expect(switchGeneration(context, 9, options())).rejects.toThrow('returning has no generation 9');
    await expect(dropGeneration(harness.pool, context.projection, 1)).rejects.toThrow(
      'generation 1 of returning is live',
    );
    await dropGeneration(harness.pool, context.projection, 2);
    expect(await readSlices(harness.pool, 'returning', 2)).toEqual([]);
  });

  it('switches back and forth at once, before workers have noticed the last switch', async () => {
    const counting = await withWorker('to_and_fro');
    const { context, options } = createRebuild(harness, counting);
    await rebuildProjection(context, false, options());
    for (const generation of [1, 2, 1, 2]) {
      await harness.appendMore('to_and_fro-0', 2);
      await switchGeneration(context, generation, options());
    }
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
  });

  it('compares at the same position, although the checkpoints of replicas differ', async () => {
    const counting = await harness.counting('apart');
    harness.work(counting);
    harness.work(counting);
    await until(
      async () => Object.keys(await harness.owners(counting)).length === 2,
      30_000,
      'both hold slices',
    );
    await harness.happen('apart', 12);
    await harness.untilThere(counting);
    const slices = await readSlices(harness.pool, 'apart', 1);
    expect(new Set(slices.map(({ position }) => position?.commit)).size).toBeGreaterThan(1);
    const { context, options } = createRebuild(harness, counting);
    await rebuildProjection(context, false, options());
    const next = await readSlices(harness.pool, 'apart', 2);
    expect(
      next.every(({ position }, n) => (position?.commit ?? -1n) >= (slices[n]!.position?.commit ?? -1n)),
    ).toBe(true);
  });

  it('resumes after an interruption, unless the code has changed or fresh is given', async () => {
    const counting = await withWorker('broken', 20);
    const shown = await read('test.broken');
    const breakOff = () => {
      const controller = new AbortController();
      const reporter = {
        onStage: () => undefined,
        onProgress: () => controller.abort(new Error('interrupted')),
      };
      return createRebuild(harness, counting, { signal: controller.signal, reporter });
    };
    const first = breakOff();
    await expect(rebuildProjection(first.context, false, first.options())).rejects.toThrow('interrupted');
    expect(await readLiveGeneration(harness.pool, 'broken')).toBe(1);
    expect(await read('test.broken')).toEqual(shown);
    const other = createRebuild(harness, counting, {
      codeVersion: 'other',
      reporter: breakOff().context.reporter,
    });
    const halfway = createRebuild(harness, counting, {
      codeVersion: 'other',
      signal: AbortSignal.abort(new Error('interrupted')),
    });
    await expect(rebuildProjection(halfway.context, false, halfway.options())).rejects.toThrow('interrupted');
    expect(halfway.stages[0]).toBe(
      'dropping generation 2, partially built by another version of the projection',
    );
    expect(await rebuildProjection(other.context, false, other.options())).toEqual({ live: 1, next: 3 });
    expect(await read('test.broken')).toEqual(shown);

    const again = breakOff();
    await harness.appendMore('broken-0', 1);
    await harness.untilThere(counting);
    await expect(rebuildProjection(again.context, false, again.options())).rejects.toThrow('interrupted');
    await expect(switchGeneration(other.context, 4, other.options())).rejects.toThrow('partially built');
    const fresh = createRebuild(harness, counting);
    await rebuildProjection(fresh.context, true, fresh.options());
    expect(fresh.stages[0]).toBe('dropping generation 4, partially built');
  });

  it('repeats its last step if a late worker has advanced the new generation beyond the live one', async () => {
    const counting = await harness.counting('overtaken');
    const live = harness.work(counting);
    await harness.happen('overtaken', 4);
    await harness.untilThere(counting);
    await live.stop();
    const { context, options } = createRebuild(harness, counting);
    const overtake = async () => {
      const late = harness.work(counting, { generation: 2 });
      await harness.appendMore('overtaken-0', 1);
      const ends = [...(await harness.log()).ends.values()];
      const end = ends.reduce((a, b) => (a > b ? a : b));
      const isThere = async () =>
        (await readSlices(harness.pool, 'overtaken', 2)).some(({ position }) => position?.commit === end);
      await until(isThere, 30_000, 'the new generation is ahead');
      await late.stop();
      setTimeout(() => harness.work(counting), 500);
    };
    await rebuildProjection(context, false, options({ showDifferences: overtake }));
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
  });

  it('runs only once at a time', async () => {
    const counting = await withWorker('alone');
    const { context, options } = createRebuild(harness, counting);
    const attempts = await Promise.allSettled([
      rebuildProjection(context, false, options()),
      rebuildProjection(context, false, options()),
    ]);
    expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(attempts.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { message: 'another rebuild, switch, drop or reset of alone is running' },
    });
  });

  it('rejects an activation while accounts are parked, unless allowParked is given', async () => {
    const counting = await withWorker('parking');
    await harness.appendUnknown('parking-2');
    await harness.appendMore('parking-2', 2);
    await harness.untilThere(counting);
    const { context, options } = createRebuild(harness, counting);
    await expect(rebuildProjection(context, false, options())).rejects.toThrow(
      'accounts are parked (1 in generation 1, 1 in generation 2), so their rows are out of date',
    );
    expect(await readLiveGeneration(harness.pool, 'parking')).toBe(1);
    expect(await rebuildProjection(context, false, options({ allowParked: true }))).toEqual({
      live: 1,
      next: 2,
    });
  });
});
