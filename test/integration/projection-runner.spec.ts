import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connectEventStore } from '#libs/event-store';
import { archiveProjection, inboxProjection, sentProjection } from '#libs/read-models';
import { until } from '../support/until.js';
import { ProjectionWorld } from './support/projection-world.js';
import { TcpProxy } from './support/tcp-proxy.js';

jest.setTimeout(60_000);

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
    await until(() => !worker.state().ready, 20_000, 'the loss is noticed');
    await world.eventStore.start();
    await world.happen('after-crash', 10);
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    await until(() => worker.state().ready, 5_000, 'ready again');
  });

  it('are written once by two workers at a time, and the checkpoint never goes back', async () => {
    const counting = await world.counting('fenced');
    await world.pool.query(`
      CREATE TABLE test.moves (n serial, before numeric, after numeric);
      CREATE FUNCTION test.note_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO test.moves (before, after) VALUES (old.commit_position, new.commit_position); RETURN new;
      END $$;
      CREATE TRIGGER note_move AFTER UPDATE ON read_models.checkpoints FOR EACH ROW
        WHEN (new.projection = 'fenced') EXECUTE FUNCTION test.note_move()`);
    world.work(counting);
    world.work(counting);
    const fenced = () => world.warnings.filter((line) => line.includes('another worker has moved')).length;
    // The first is of the first event; after the others both were on their way, each time from the same checkpoint.
    let accounts = 0;
    const contended = async () => {
      await world.happen(`contended-${accounts}`, 1);
      accounts += 1;
      return fenced() >= 4;
    };
    await until(contended, 20_000, () => `both at the same event four times, ${fenced()} were`);
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    const { rows: moves } = await world.pool.query<{ before: string; after: string }>(
      'SELECT before, after FROM test.moves ORDER BY n',
    );
    expect(moves.length).toBeGreaterThan(0);
    for (const { before, after } of moves) expect(BigInt(after)).toBeGreaterThan(BigInt(before));
    expect(moves.slice(1).map(({ before }) => before)).toEqual(moves.slice(0, -1).map(({ after }) => after));
  });

  it('recover from a database connection that ends while they write, or while they commit', async () => {
    const counting = await world.counting('terminated');
    // A sequence remembers what the transaction that asked it does not.
    await world.pool.query(`
      CREATE SEQUENCE test.writes;
      CREATE FUNCTION test.terminate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('test.writes') IN (1, 3) THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL;
      END $$;
      CREATE TRIGGER terminate_writing BEFORE INSERT ON test.terminated EXECUTE FUNCTION test.terminate();
      CREATE CONSTRAINT TRIGGER terminate_committing AFTER INSERT OR UPDATE ON read_models.checkpoints
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.projection = 'terminated')
        EXECUTE FUNCTION test.terminate()`);
    const worker = world.work(counting);
    await world.happen('terminated', 5);
    const { rows, expected } = await world.rows(counting);
    expect(rows).toEqual(expected);
    expect(world.warnings.length).toBeGreaterThanOrEqual(2);
    await until(() => worker.state().ready, 5_000, 'ready again');
    const terminated = await world.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'terminated'",
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
    const worker = world.work(counting, client);
    await world.rows(counting);
    let since = performance.now();
    await worker.stop();
    expect(performance.now() - since).toBeLessThan(2_000);

    const cutOff = world.work(counting, client);
    await until(() => cutOff.state().ready, 5_000, 'subscribed');
    await world.happen('seen', 1);
    await world.rows(counting);
    proxy.fallSilent();
    since = performance.now();
    await cutOff.stop();
    expect(performance.now() - since).toBeLessThan(2_000);
    proxy.breakAll();
    await client.dispose();
    await proxy.close();
  });

  // The last: nothing that reads the log gets past it.
  it('stand at an event that they cannot read, say which, and skip nothing', async () => {
    const counting = await world.counting('unknown');
    const worker = world.work(counting);
    await world.happen('known', 1);
    const { rows: before } = await world.rows(counting);
    const checkpoint = await world.checkpoint(counting);
    await world.appendUnknown('known-0');
    await world.happen('behind', 1);
    await until(() => world.warnings.length >= 3, 20_000, 'several attempts');
    expect(worker.state()).toEqual({
      ready: false,
      detail: expect.stringMatching(
        /^4@account-..-known-0: InvitationPraised of version undefined is not known/,
      ),
    });
    expect(await world.checkpoint(counting)).toBe(checkpoint);
    const { rows: after } = await world.pool.query(
      'SELECT account, events FROM test.unknown ORDER BY account COLLATE "C"',
    );
    expect(after).toEqual(before);
  });
});
