import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connectEventStore } from '#libs/event-store';
import { archiveProjection, inboxProjection, sentProjection } from '#libs/read-models';
import { until } from '../support/until.js';
import { ProjectionWorld } from './support/projection-world.js';
import { TcpProxy } from './support/tcp-proxy.js';

let world: ProjectionWorld;

beforeAll(async () => {
  world = await ProjectionWorld.open();
});
afterEach(async () => {
  await world.stopWorkers();
  world.warnings.length = 0;
});
afterAll(() => world.close());

describe('projections of the event store in PostgreSQL', () => {
  it('are the fold of the log, of what was there before them and of what comes', async () => {
    await world.happen('before', 40);
    const counting = await world.counting('counts');
    const projections = [inboxProjection, archiveProjection, sentProjection];
    for (const projection of projections) world.work(projection);
    world.work(counting);
    await world.happen('later', 40);
    for (const projection of projections) {
      const { rows, expected } = await world.rows<object>(projection);
      expect(rows).toEqual(expected);
      expect(rows.length).toBeGreaterThan(0);
    }
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    expect(world.warnings).toEqual([]);
  });

  it('go on by themselves after the event store was killed, and apply nothing twice', async () => {
    const counting = await world.counting('through_a_crash');
    const worker = world.work(counting);
    await world.happen('until-crash', 10);
    await world.eventStore.kill();
    await until(() => !worker.state().ready, 30_000, 'the loss is noticed');
    await world.eventStore.start();
    await world.happen('after-crash', 10);
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    await until(() => worker.state().ready, 30_000, 'ready again');
  });

  it('recover from a database connection that ends while they write, or while they commit', async () => {
    const counting = await world.counting('terminated');
    // A sequence remembers what the transaction that asked it does not.
    await world.pool.query(`
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
    const worker = world.work(counting);
    await world.happen('terminated', 5);
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    expect(world.warnings.length).toBeGreaterThanOrEqual(2);
    await until(() => worker.state().ready, 30_000, 'ready again');
    const terminated = await world.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'terminated %'",
    );
    expect(terminated.rowCount).toBeGreaterThan(0);
    await world.happen('terminated-while-idle', 5);
    const later = await world.rows(counting);
    expect(later.rows).toEqual(later.expected);
  });

  it('stop at once, also while nothing comes and while the server is silent', async () => {
    const port = Number(new URL(world.eventStore.url.replace('esdb:', 'http:')).port);
    const proxy = await TcpProxy.to(port);
    const client = connectEventStore(world.eventStore.url.replace(`:${port}`, `:${proxy.port}`));
    const counting = await world.counting('quiet');
    const worker = world.work(counting, { client });
    await world.rows(counting);
    let since = performance.now();
    await worker.stop();
    expect(performance.now() - since).toBeLessThan(5_000);

    const cutOff = world.work(counting, { client });
    await until(() => cutOff.state().ready, 30_000, 'subscribed');
    await world.happen('seen', 1);
    await world.rows(counting);
    proxy.fallSilent();
    since = performance.now();
    await cutOff.stop();
    expect(performance.now() - since).toBeLessThan(5_000);
    proxy.breakAll();
    await client.dispose();
    await proxy.close();
  });
});
