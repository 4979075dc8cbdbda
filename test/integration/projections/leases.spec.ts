import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection';
import { ProjectionHarness, type CountRow, type TestWorker } from '../support/projection-harness.js';
import { until } from '../../support/until.js';
import { Replicas } from './support/replicas.js';
import { faultsIn, recordSlices } from './support/slice-history.js';

let harness: ProjectionHarness;

beforeAll(async () => {
  harness = await ProjectionHarness.open();
  await recordSlices(harness.pool);
});
afterEach(async () => {
  await harness.stopWorkers();
  const { faults } = await faultsIn(harness.pool);
  if (faults.length > 0) throw new Error(faults.slice(0, 5).join('\n'));
  harness.warnings.length = 0;
});
afterAll(() => harness.close());

type Counting = RowProjection<InvitationEvent, CountRow>;

async function expectShared(counting: Counting, ...replicas: { replica?: string; name?: string }[]) {
  const names = replicas.map(({ replica, name }) => replica ?? name!).toSorted();
  let owners: Record<string, number> = {};
  const isShared = async () => {
    owners = await harness.owners(counting);
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
  const { rows, expected } = await harness.rows(counting);
  expect(rows).toEqual(expected);
}

describe('replicas of a projection', () => {
  it('share the slices evenly, one, four and two of them, while events arrive', async () => {
    const counting = await harness.counting('shared');
    const workers: TestWorker[] = [harness.work(counting)];
    await harness.happen('one', 20);
    await expectShared(counting, ...workers);
    for (let n = 1; n < 4; n += 1) workers.push(harness.work(counting));
    await harness.happen('four', 20);
    await expectShared(counting, ...workers);
    expect(Object.values(await harness.owners(counting))).toEqual([16, 16, 16, 16]);
    await until(async () => (await workers[0]!.metric('slices_owned')) === 16, 30_000, 'the metric');
    expect(await workers[0]!.series('slice_owned')).toBe(16);
    await harness.happen('of-four', 20);
    await expectCounted(counting);
    const [first, second, ...others] = workers as [TestWorker, TestWorker, ...TestWorker[]];
    await Promise.all(others.map((worker) => worker.stop()));
    await harness.happen('two', 20);
    await expectShared(counting, first, second);
    await expectCounted(counting);
    for (const worker of [first, second]) {
      await until(() => worker.state().ready, 30_000, 'ready');
      expect(await worker.metric('events_applied_total')).toBeGreaterThan(0);
    }
  });

  it('hand their slices over at once when they stop, before the lease expires', async () => {
    const counting = await harness.counting('leaving');
    const leaving = harness.work(counting, { leaseTtlMs: 60_000 });
    await expectShared(counting, leaving);
    const staying = harness.work(counting, { leaseTtlMs: 60_000 });
    await expectShared(counting, leaving, staying);
    await leaving.stop();
    await expectShared(counting, staying);
  });

  it('wait, ready, if there are more replicas than slices', async () => {
    const counting = await harness.counting('crowded');
    const crowd = Array.from({ length: 64 }, (_, n) => `crowd-${String(n).padStart(2, '0')}`);
    await harness.pool.query(
      `INSERT INTO read_models.replicas SELECT 'crowded', 1, replica, now() FROM unnest($1::text[]) AS replica`,
      [crowd],
    );
    const late = harness.work(counting, { replica: 'late', leaseTtlMs: 60_000 });
    await until(() => late.state().ready, 30_000, 'ready');
    expect(await harness.owners(counting)).toEqual({});
    await harness.pool.query(`DELETE FROM read_models.replicas WHERE replica <> 'late'`);
    await expectShared(counting, late);
  });
});

describe('a replica that does not renew its lease', () => {
  let replicas: Replicas;
  // Also after a failed test: a process that is still running would keep Jest's worker from ending.
  afterEach(() => replicas.killAll());

  it('loses its slices while paused, and writes nothing when it resumes', async () => {
    const counting = await harness.counting('paused');
    replicas = new Replicas(harness, ['paused']);
    const paused = replicas.start();
    await harness.happen('before', 10);
    await expectShared(counting, paused);
    paused.pause();
    await harness.happen('asleep', 10);
    const other = harness.work(counting);
    await expectShared(counting, other);
    await expectCounted(counting);
    paused.resume();
    await harness.happen('awake', 10);
    await expectShared(counting, other, paused);
    await expectCounted(counting);
    expect(paused.hasEnded).toBe(false);
  });

  it('delays nobody for longer than its lease if paused within a transaction, which is rolled back', async () => {
    const counting = await harness.counting('asleep');
    replicas = new Replicas(harness, ['asleep']);
    const paused = replicas.start();
    await harness.happen('first', 1);
    await expectShared(counting, paused);
    await expectCounted(counting);
    paused.pauseInTransaction();
    const idle = async () => {
      const { rows } = await harness.pool.query<{ state: string }>(
        'SELECT state FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()',
        [paused.name],
      );
      return rows.some(({ state }) => state === 'idle in transaction');
    };
    // Observed while events arrive: PostgreSQL ends the transaction after the lease's time.
    const isIdle = until(idle, 30_000, 'an idle transaction', 20);
    await Promise.all([harness.happen('second', 30), isIdle]);
    const other = harness.work(counting);
    await expectShared(counting, other);
    await expectCounted(counting);
    paused.resume();
    await harness.happen('third', 10);
    await expectShared(counting, other, paused);
    await expectCounted(counting);
  });

  it('is replaced after its lease has expired if it was killed', async () => {
    const counting = await harness.counting('killed');
    replicas = new Replicas(harness, ['killed']);
    const victim = replicas.start();
    await expectShared(counting, victim);
    const other = harness.work(counting);
    await expectShared(counting, victim, other);
    await harness.happen('killing', 10);
    await victim.kill();
    await harness.happen('killed', 10);
    await expectShared(counting, other);
    await expectCounted(counting);
  });
});
