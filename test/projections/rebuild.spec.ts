import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { InvitationEvent } from '#libs/invitation';
import { drop, liveGeneration, readSlices, rebuild, switchTo, type RowProjection } from '#libs/projection';
import { ProjectionWorld, type CountRow } from '../integration/support/projection-world.js';
import { until } from '../support/until.js';
import { siteOf } from './support/rebuilds.js';

let world: ProjectionWorld;

beforeAll(async () => {
  world = await ProjectionWorld.open();
});
afterEach(() => world.stopWorkers());
afterAll(() => world.close());

type Counting = RowProjection<InvitationEvent, CountRow>;

const read = async (table: string) =>
  (await world.pool.query<CountRow>(`SELECT * FROM ${table} ORDER BY account COLLATE "C"`)).rows;

/** One account counted otherwise. */
const changed = (counting: Counting, odd: string): Counting => ({
  ...counting,
  fold: (row, event, account) =>
    account === odd ? { account, events: 1_000 } : counting.fold(row, event, account),
});

async function withWorker(name: string, accounts = 8): Promise<Counting> {
  const counting = await world.counting(name);
  world.work(counting);
  await world.happen(name, accounts);
  await world.untilThere(counting);
  return counting;
}

describe('a rebuild', () => {
  it('shows the new rows where they agree, and the workers go on with them', async () => {
    const counting = await withWorker('agreeing');
    const before = await read('test.agreeing');
    const { site, consent, comparisons, stages } = siteOf(world, counting);
    expect(await rebuild(site, false, consent())).toEqual({ live: 1, next: 2 });
    expect(stages[0]).toBe('builds generation 2 beside generation 1');
    expect(comparisons).toHaveLength(1);
    expect(comparisons[0]).toMatchObject({ agree: true, live: { rows: before.length } });
    expect(comparisons[0]!.next).toEqual(comparisons[0]!.live);
    expect(await read('test.agreeing')).toEqual(before);
    const known = `SELECT reltuples::int AS rows FROM pg_class WHERE oid = 'test.agreeing_g2'::regclass`;
    expect((await world.pool.query(known)).rows).toEqual([{ rows: before.length }]);
    await world.appendMore('agreeing-0', 3);
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    expect(await read('test.agreeing_g2')).toEqual(rows);
  });

  it('refuses rows that differ, shows how, and keeps them; then shows them where that is expected', async () => {
    const counting = await withWorker('differing');
    const before = await read('test.differing');
    await world.pool.query(`INSERT INTO test.differing_g1 VALUES ('nobody', 1)`);
    await world.pool.query(`DELETE FROM test.differing_g1 WHERE account = 'differing-1'`);
    const { site, consent, comparisons } = siteOf(world, changed(counting, 'differing-3'));
    await expect(rebuild(site, false, consent())).rejects.toThrow(
      'the two differ: generation 1 stays, and generation 2 is kept to be looked at',
    );
    expect(await liveGeneration(world.pool, 'differing')).toBe(1);
    expect(comparisons[0]).toMatchObject({
      agree: false,
      counts: { missing: 1, extra: 1, different: 1 },
      sample: [
        { kind: 'different', key: 'differing-3', columns: ['events'] },
        { kind: 'extra', key: 'differing-1' },
        { kind: 'missing', key: 'nobody' },
      ],
    });
    await expect(switchTo(site, 2, consent())).rejects.toThrow('the two differ');
    let shownWhileLive = 0;
    const showDifferences = async () => {
      shownWhileLive = await liveGeneration(world.pool, 'differing');
    };
    await switchTo(site, 2, consent({ expectChanges: true, showDifferences }));
    expect(shownWhileLive).toBe(1);
    const odd = (await read('test.differing')).find(({ account }) => account === 'differing-3');
    expect(odd?.events).toBe(1_000);
    expect(await read('test.differing')).toHaveLength(before.length);
  });

  it('goes back: the generation before has caught up when it is shown', async () => {
    const counting = await withWorker('returning');
    const { site, consent, comparisons } = siteOf(world, changed(counting, 'returning-3'));
    await rebuild(site, false, consent({ expectChanges: true }));
    await world.appendMore('returning-0', 5);
    await world.untilThere(counting);
    const old = siteOf(world, counting);
    expect(await switchTo(old.site, 1, old.consent())).toEqual({ live: 2, next: 1 });
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    expect(comparisons).toHaveLength(1);
    expect(old.comparisons).toEqual([]);
    await expect(switchTo(site, 1, consent())).rejects.toThrow('generation 1 of returning is shown already');
    await expect(switchTo(site, 9, consent())).rejects.toThrow('returning has no generation 9');
    await expect(drop(world.pool, site.projection, 1)).rejects.toThrow('the one that is shown');
    await drop(world.pool, site.projection, 2);
    expect(await readSlices(world.pool, 'returning', 2)).toEqual([]);
  });

  it('goes straight back and forth, whatever the workers have noticed by then', async () => {
    const counting = await withWorker('to_and_fro');
    const { site, consent } = siteOf(world, counting);
    await rebuild(site, false, consent());
    for (const generation of [1, 2, 1, 2]) {
      await world.appendMore('to_and_fro-0', 2);
      await switchTo(site, generation, consent());
    }
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
  });

  it('compares at one position, though replicas stand at different ones', async () => {
    const counting = await world.counting('apart');
    world.work(counting);
    world.work(counting);
    await until(
      async () => Object.keys(await world.owners(counting)).length === 2,
      30_000,
      'both hold slices',
    );
    await world.happen('apart', 12);
    await world.untilThere(counting);
    const slices = await readSlices(world.pool, 'apart', 1);
    expect(new Set(slices.map(({ position }) => position?.commit)).size).toBeGreaterThan(1);
    const { site, consent } = siteOf(world, counting);
    await rebuild(site, false, consent());
    const next = await readSlices(world.pool, 'apart', 2);
    expect(
      next.every(({ position }, n) => (position?.commit ?? -1n) >= (slices[n]!.position?.commit ?? -1n)),
    ).toBe(true);
  });

  it('goes on where it was broken off, unless the code is another or it is to begin anew', async () => {
    const counting = await withWorker('broken', 20);
    const shown = await read('test.broken');
    const breakOff = () => {
      const controller = new AbortController();
      const report = { stage: () => undefined, passed: () => controller.abort(new Error('interrupted')) };
      return siteOf(world, counting, { signal: controller.signal, report });
    };
    const first = breakOff();
    await expect(rebuild(first.site, false, first.consent())).rejects.toThrow('interrupted');
    expect(await liveGeneration(world.pool, 'broken')).toBe(1);
    expect(await read('test.broken')).toEqual(shown);
    const other = siteOf(world, counting, { code: 'other', report: breakOff().site.report });
    const halfway = siteOf(world, counting, {
      code: 'other',
      signal: AbortSignal.abort(new Error('interrupted')),
    });
    await expect(rebuild(halfway.site, false, halfway.consent())).rejects.toThrow('interrupted');
    expect(halfway.stages[0]).toBe('drops generation 2, half built by another version of the projection');
    expect(await rebuild(other.site, false, other.consent())).toEqual({ live: 1, next: 3 });
    expect(await read('test.broken')).toEqual(shown);

    const again = breakOff();
    await world.appendMore('broken-0', 1);
    await world.untilThere(counting);
    await expect(rebuild(again.site, false, again.consent())).rejects.toThrow('interrupted');
    await expect(switchTo(other.site, 4, other.consent())).rejects.toThrow('half built');
    const fresh = siteOf(world, counting);
    await rebuild(fresh.site, true, fresh.consent());
    expect(fresh.stages[0]).toBe('drops generation 4, half built');
  });

  it('begins its last step again when a worker that is late has taken the new rows on, beyond the live ones', async () => {
    const counting = await world.counting('overtaken');
    const live = world.work(counting);
    await world.happen('overtaken', 4);
    await world.untilThere(counting);
    await live.stop();
    const { site, consent } = siteOf(world, counting);
    const overtake = async () => {
      const late = world.work(counting, { generation: 2 });
      await world.appendMore('overtaken-0', 1);
      const ends = [...(await world.log()).ends.values()];
      const end = ends.reduce((a, b) => (a > b ? a : b));
      const isThere = async () =>
        (await readSlices(world.pool, 'overtaken', 2)).some(({ position }) => position?.commit === end);
      await until(isThere, 30_000, 'the new rows are ahead');
      await late.stop();
      setTimeout(() => world.work(counting), 500);
    };
    await rebuild(site, false, consent({ showDifferences: overtake }));
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
  });

  it('is one at a time', async () => {
    const counting = await withWorker('alone');
    const { site, consent } = siteOf(world, counting);
    const attempts = await Promise.allSettled([
      rebuild(site, false, consent()),
      rebuild(site, false, consent()),
    ]);
    expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(attempts.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { message: 'another rebuild or switch of alone is under way' },
    });
  });

  it('says that accounts are parked, and shows nothing until that is allowed', async () => {
    const counting = await withWorker('parking');
    await world.appendUnknown('parking-2');
    await world.appendMore('parking-2', 2);
    await world.untilThere(counting);
    const { site, consent } = siteOf(world, counting);
    await expect(rebuild(site, false, consent())).rejects.toThrow(
      'accounts are parked (1 in generation 1, 1 in generation 2): their rows stand still',
    );
    expect(await liveGeneration(world.pool, 'parking')).toBe(1);
    expect(await rebuild(site, false, consent({ allowParked: true }))).toEqual({ live: 1, next: 2 });
  });
});
