import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { closeEventStore, connectEventStore } from '#libs/event-store';
import { archiveProjection, inboxProjection, sentProjection } from '#libs/read-models';
import { until } from '../support/until.js';
import { ProjectionHarness } from './support/projection-harness.js';
import { TcpProxy } from './support/tcp-proxy.js';

let harness: ProjectionHarness;

beforeAll(async () => {
  harness = await ProjectionHarness.open({ killsEventStore: true });
});
afterEach(async () => {
  await harness.stopWorkers();
  harness.warnings.length = 0;
});
afterAll(() => harness.close());

describe('projections of the event store in PostgreSQL', () => {
  it('apply all earlier and all later events', async () => {
    await harness.happen('before', 40);
    const counting = await harness.counting('counts');
    const projections = [inboxProjection, archiveProjection, sentProjection];
    for (const projection of projections) harness.work(projection);
    harness.work(counting);
    await harness.happen('later', 40);
    for (const projection of projections) {
      const { rows, expected } = await harness.rows<object>(projection);
      expect(rows).toEqual(expected);
      expect(rows.length).toBeGreaterThan(0);
    }
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
    expect(harness.warnings).toEqual([]);
  });

  it('continue after the event store was killed, and apply nothing twice', async () => {
    const counting = await harness.counting('through_a_crash');
    const worker = harness.work(counting);
    await harness.happen('until-crash', 10);
    await harness.eventStore.kill();
    await until(() => !worker.state().ready, 30_000, 'the loss is noticed');
    await harness.eventStore.start();
    await harness.happen('after-crash', 10);
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
    await until(() => worker.state().ready, 30_000, 'ready again');
  });

  it('recover from a database connection that breaks while they write or commit', async () => {
    const counting = await harness.counting('terminated');
    // Unlike its transaction, a sequence is not rolled back.
    await harness.pool.query(`
      CREATE SEQUENCE test.writes;
      CREATE FUNCTION test.terminate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('test.writes') IN (1, 3) THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL;
      END $$;
      CREATE TRIGGER terminate_writing BEFORE INSERT ON test.terminated_g1 EXECUTE FUNCTION test.terminate();
      CREATE CONSTRAINT TRIGGER terminate_committing AFTER UPDATE ON read_models.slices
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (new.projection = 'terminated' AND new.slice = 0
          AND new.commit_position IS DISTINCT FROM old.commit_position)
        EXECUTE FUNCTION test.terminate()`);
    const worker = harness.work(counting);
    await harness.happen('terminated', 5);
    const { rows, expected } = await harness.rows(counting);
    expect(rows).toEqual(expected);
    expect(harness.warnings.length).toBeGreaterThanOrEqual(2);
    await until(() => worker.state().ready, 30_000, 'ready again');
    const terminated = await harness.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'terminated %' AND datname = current_database()",
    );
    expect(terminated.rowCount).toBeGreaterThan(0);
    await harness.happen('terminated-while-idle', 5);
    const later = await harness.rows(counting);
    expect(later.rows).toEqual(later.expected);
  });

  it('stop at once, also while no event arrives and while the server does not respond', async () => {
    const port = Number(new URL(harness.eventStore.url.replace('esdb:', 'http:')).port);
    const proxy = await TcpProxy.to(port);
    const client = connectEventStore(harness.eventStore.url.replace(`:${port}`, `:${proxy.port}`));
    const counting = await harness.counting('quiet');
    const worker = harness.work(counting, { client });
    await harness.rows(counting);
    let since = performance.now();
    await worker.stop();
    expect(performance.now() - since).toBeLessThan(5_000);

    const cutOff = harness.work(counting, { client });
    await until(() => cutOff.state().ready, 30_000, 'subscribed');
    await harness.happen('seen', 1);
    await harness.rows(counting);
    proxy.fallSilent();
    since = performance.now();
    await cutOff.stop();
    expect(performance.now() - since).toBeLessThan(5_000);
    proxy.breakAll();
    await closeEventStore(client);
    await proxy.close();
  });
});
