import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection';
import {
  ProjectionWorld,
  type CountRow,
  type WorkerUnderTest,
} from '../integration/support/projection-world.js';
import { until } from '../support/until.js';
import { Replicas } from './support/replicas.js';
import { faultsIn, recordSlices } from './support/slice-history.js';

let world: ProjectionWorld;

beforeAll(async () => {
  world = await ProjectionWorld.open();
  await recordSlices(world.pool);
});
afterEach(async () => {
  await world.stopWorkers();
  const { faults } = await faultsIn(world.pool);
  if (faults.length > 0) throw new Error(faults.slice(0, 5).join('\n'));
  world.warnings.length = 0;
});
afterAll(() => world.close());

type Counting = RowProjection<InvitationEvent, CountRow>;

async function expectShared(counting: Counting, ...replicas: { replica?: string; name?: string }[]) {
  const names = replicas.map(({ replica, name }) => replica ?? name!).toSorted();
  let owners: Record<string, number> = {};
  const isShared = async () => {
    owners = await world.owners(counting);
    const shares = Object.values(owners);
    return (
      Object.keys(owners).toSorted().join() === names.join() &&
      shares.reduce((sum, share) => sum + share, 0) === 64 &&
      Math.max(...shares) - Math.min(...shares) <= 1
    );
  };
  await until(isShared, 45_000, () => `64 slices shared by ${names.join()}: ${JSON.stringify(owners)}`);
}

async function expectCounted(counting: Counting): Promise<void> {
  const { rows, expected } = await world.rows(counting);
  expect(rows).toEqual(expected);
}

describe('replicas of a projection', () => {
  it('share the slices out evenly, one, four and two of them, while events come', async () => {
    const counting = await world.counting('shared');
    const workers: WorkerUnderTest[] = [world.work(counting)];
    await world.happen('one', 20);
    await expectShared(counting, ...workers);
    for (let n = 1; n < 4; n += 1) workers.push(world.work(counting));
    await world.happen('four', 20);
    await expectShared(counting, ...workers);
    expect(Object.values(await world.owners(counting))).toEqual([16, 16, 16, 16]);
    await until(async () => (await workers[0]!.metric('slices_owned')) === 16, 30_000, 'the figure');
    expect(await workers[0]!.series('slice_owned')).toBe(16);
    await world.happen('of-four', 20);
    await expectCounted(counting);
    const [first, second, ...others] = workers as [WorkerUnderTest, WorkerUnderTest, ...WorkerUnderTest[]];
    await Promise.all(others.map((worker) => worker.stop()));
    await world.happen('two', 20);
    await expectShared(counting, first, second);
    await expectCounted(counting);
    for (const worker of [first, second]) {
      await until(() => worker.state().ready, 30_000, 'ready');
      expect(await worker.metric('events_applied_total')).toBeGreaterThan(0);
    }
  });

  it('hand over at once when they stop, not when the lease has run out', async () => {
    const counting = await world.counting('leaving');
    const leaving = world.work(counting, { leaseTtlMs: 60_000 });
    await expectShared(counting, leaving);
    const staying = world.work(counting, { leaseTtlMs: 60_000 });
    await expectShared(counting, leaving, staying);
    await leaving.stop();
    await expectShared(counting, staying);
  });

  it('stand by, ready, when there are more of them than slices', async () => {
    const counting = await world.counting('crowded');
    const crowd = Array.from({ length: 64 }, (_, n) => `crowd-${String(n).padStart(2, '0')}`);
    await world.pool.query(
      `INSERT INTO read_models.replicas SELECT 'crowded', 1, replica, now() + interval '1 hour'
       FROM unnest($1::text[]) AS replica`,
      [crowd],
    );
    const late = world.work(counting, { replica: 'late' });
    await until(() => late.state().ready, 30_000, 'ready');
    expect(await world.owners(counting)).toEqual({});
    await world.pool.query(`DELETE FROM read_models.replicas WHERE replica <> 'late'`);
    await expectShared(counting, late);
  });
});

describe('a replica that is paused', () => {
  it('loses its slices, and writes nothing when it wakes up', async () => {
    const counting = await world.counting('paused');
    const replicas = new Replicas(world, ['paused']);
    const sleeper = replicas.start();
    await world.happen('before', 10);
    await expectShared(counting, sleeper);
    sleeper.pause();
    await world.happen('asleep', 10);
    const other = world.work(counting);
    await expectShared(counting, other);
    await expectCounted(counting);
    sleeper.goOn();
    await world.happen('awake', 10);
    await expectShared(counting, other, sleeper);
    await expectCounted(counting);
    expect(sleeper.hasEnded).toBe(false);
    await replicas.killAll();
  });

  it('in the middle of a transaction holds nobody up for longer than its lease, and its rows do not count', async () => {
    const counting = await world.counting('asleep');
    const replicas = new Replicas(world, ['asleep']);
    const sleeper = replicas.start();
    await world.happen('first', 1);
    await expectShared(counting, sleeper);
    await expectCounted(counting);
    sleeper.pauseInTransaction();
    await world.happen('second', 30);
    const idle = async () => {
      const { rows } = await world.pool.query<{ state: string }>(
        'SELECT state FROM pg_stat_activity WHERE application_name = $1',
        [sleeper.name],
      );
      return rows.some(({ state }) => state === 'idle in transaction');
    };
    await until(idle, 30_000, 'a transaction that stands still');
    const other = world.work(counting);
    await expectShared(counting, other);
    await expectCounted(counting);
    sleeper.goOn();
    await world.happen('third', 10);
    await expectShared(counting, other, sleeper);
    await expectCounted(counting);
    await replicas.killAll();
  });

  it('or killed is replaced once its lease has run out', async () => {
    const counting = await world.counting('killed');
    const replicas = new Replicas(world, ['killed']);
    const victim = replicas.start();
    await expectShared(counting, victim);
    const other = world.work(counting);
    await expectShared(counting, victim, other);
    await world.happen('killing', 10);
    await victim.kill();
    await world.happen('killed', 10);
    await expectShared(counting, other);
    await expectCounted(counting);
  });
});
