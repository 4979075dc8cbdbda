import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inboxProjection, sentProjection } from '#libs/read-models';
import { ProjectionHarness } from '../support/projection-harness.js';
import { runTool, startTool } from '../../support/run-tool.js';
import { until } from '../../support/until.js';

const MAIN = 'projector/src/projections.main.js';

let harness: ProjectionHarness;

beforeAll(async () => {
  harness = await ProjectionHarness.open();
  harness.work(inboxProjection);
  harness.work(sentProjection);
  await harness.happen('tool', 30);
  await harness.untilThere(inboxProjection);
});
afterAll(() => harness.close());

const env = () => ({ DATABASE_URL: harness.databaseUrl, EVENTSTORE_URL: harness.eventStore.url });
const start = (...args: string[]) => startTool(MAIN, args, { env: env() });
const projections = (...args: string[]) => runTool(MAIN, args, { env: env() });

const inbox = async (columns = 'invitation_id, message') =>
  (await harness.pool.query(`SELECT ${columns} FROM read_models.inbox ORDER BY 1`)).rows;

describe('npm run projections', () => {
  it('rebuilds, lists generations, switches back and drops', async () => {
    const before = await inbox();
    expect(await projections('rebuild', 'inbox')).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^generation 1: (\d+) rows, checksum (\S+)\ngeneration 2: \1 rows, checksum \2\nthe rows agree\ngeneration 2 of inbox is live; to switch back: npm run projections -- switch inbox 1\n$/,
      ),
    });
    expect(await inbox()).toEqual(before);
    expect((await projections('generations', 'inbox')).out).toBe('1  was live before\n2  live\n');
    const [first] = JSON.parse((await projections('generations', 'inbox', '--json')).out) as object[];
    expect(first).toEqual({ generation: 1, isLive: false, construction: 'shown' });
    expect((await projections('switch', 'inbox', '1')).code).toBe(0);
    expect(await projections('drop', 'inbox', '1')).toEqual({
      code: 1,
      out: '',
      err: 'generation 1 of inbox is live\n',
    });
    expect((await projections('drop', 'inbox', '2')).out).toBe('generation 2 of inbox was dropped\n');
    expect(await inbox()).toEqual(before);
  });

  it('prints differences by key and column, and values only on request', async () => {
    const { rows } = await harness.pool.query<{ invitation_id: string }>(
      `UPDATE read_models.inbox_g1 SET message = 'a secret' WHERE invitation_id =
         (SELECT invitation_id FROM read_models.inbox_g1 WHERE message IS NOT NULL LIMIT 1) RETURNING invitation_id`,
    );
    const key = rows[0]!.invitation_id;
    const refused = await projections('rebuild', 'inbox');
    expect(refused.code).toBe(1);
    expect(refused.out).toContain(
      `the rows differ: 0 missing in generation 2, 0 only there, 1 different. A sample:\n  different  ${key}: message\n`,
    );
    expect(refused.err).toContain('generation 1 stays live, and generation 2 is kept for inspection\n');
    expect(refused.out + refused.err).not.toContain('secret');
    expect(await inbox()).toContainEqual({ invitation_id: key, message: 'a secret' });
    const shown = await projections('rebuild', 'inbox', '--expect-changes', '--show-values');
    expect(shown.code).toBe(0);
    expect(shown.out).toMatch(/ {4}message: "a secret" is now "Hi \d+"\n/);
    expect(await inbox()).not.toContainEqual({ invitation_id: key, message: 'a secret' });
  });

  it('resumes after kill -9 during a rebuild', async () => {
    const before = await inbox();
    const generation = `(SELECT max(generation) FROM read_models.slices WHERE projection = 'inbox')`;
    const { rows } = await harness.pool.query<{ n: number }>(`SELECT ${generation} + 1 AS n`);
    const next = rows[0]!.n;
    const running = start('rebuild', 'inbox');
    await until(
      async () => {
        const found = await harness.pool.query(`SELECT to_regclass('read_models.inbox_g${next}') AS name`);
        return (found.rows[0] as { name: unknown }).name !== null;
      },
      30_000,
      'the rebuild has started',
      2,
    );
    running.child.kill('SIGKILL');
    expect((await running.ended).code).toBeNull();
    expect(await inbox()).toEqual(before);
    const listed = (await projections('generations', 'inbox')).out;
    expect(listed).toContain(`${next}  partially built: rebuild resumes it\n`);
    const again = await projections('rebuild', 'inbox');
    expect(again.code).toBe(0);
    expect(again.err).toContain(`resuming generation ${next}, partially built\n`);
    expect(await inbox()).toEqual(before);
  });

  it('says why a projection of messages is not rebuilt, and exits with 2 for wrong usage', async () => {
    const { code, err } = await projections('rebuild', 'publisher');
    expect(code).toBe(1);
    expect(err).toMatch(
      /^publisher has no rows: .*Projections with rows: inbox, archive, sent, connections, account-restriction(, \S+)*\n$/,
    );
    expect((await projections('rebuild', 'inbax')).err).toMatch(/^there is no projection inbax/);
    expect((await projections('switch', 'inbox', 'two')).code).toBe(2);
    for (const command of ['status', 'rebuild', 'switch', 'drop', 'generations']) {
      const help = await projections(command, '--help');
      expect(help).toMatchObject({
        code: 0,
        out: expect.stringContaining(`npm run projections -- ${command} `),
      });
    }
  });

  it('prints the status of the projections', async () => {
    await harness.untilThere(sentProjection);
    const { code, out } = await projections('status');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^projection +generation +position +lag +lag s +events\/s +replicas +slices +parked\n/,
    );
    expect(out).toMatch(/^sent +1 +\d+ +0 +0\.0 +0 +1 +64\/64 +0$/m);
    expect(out).toMatch(/^sent: replica-\d+ has 64 slices$/m);
    const slices = (await projections('status', 'sent', '--slices')).out;
    expect(slices.match(/^ {2}[0-3][0-9a-f] {2}replica-\d+ {2}at (\d+|-) {2}epoch \d+$/gm)).toHaveLength(64);
    expect((await projections('status', 'nothing')).err).toBe('there is no projection nothing\n');
  });

  it('measures lag in events and seconds, and events per second', async () => {
    await harness.stopWorkers();
    await harness.happen('late', 4);
    const { events } = await harness.log();
    const late = events.filter((event) => 'inviterId' in event && event.inviterId.startsWith('late-')).length;
    const [idle] = JSON.parse((await projections('status', 'sent', '--json')).out) as Record<
      string,
      unknown
    >[];
    expect(idle).toMatchObject({ projection: 'sent', generation: 1, lagEvents: late, isAtLeast: false });
    expect(idle).toMatchObject({ replicas: {}, eventsPerSecond: 0, parked: 0 });
    expect(idle!['lagSeconds']).toBeGreaterThan(0);
    const looking = start('status', 'sent', '--json');
    // Once it has read the first snapshot.
    await until(
      async () =>
        (
          await harness.pool.query(
            `SELECT FROM pg_stat_activity WHERE application_name = 'projections' AND datname = current_database()`,
          )
        ).rowCount! > 0,
      30_000,
      'it has connected',
      5,
    );
    await until(
      async () =>
        (
          await harness.pool.query(
            `SELECT FROM pg_stat_activity WHERE application_name = 'projections' AND datname = current_database() AND state = 'idle' AND query LIKE '%slices%'`,
          )
        ).rowCount! > 0,
      30_000,
      'it has read the first snapshot',
      5,
    );
    harness.work(sentProjection);
    const [busy] = JSON.parse((await looking.ended).out) as { eventsPerSecond: number; lagEvents: number }[];
    expect(busy!.eventsPerSecond).toBeGreaterThan(0);
  });
});
