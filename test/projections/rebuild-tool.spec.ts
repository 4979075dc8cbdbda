import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { inboxProjection, sentProjection } from '#libs/read-models';
import { ProjectionWorld } from '../integration/support/projection-world.js';
import { until } from '../support/until.js';

const MAIN = join(resolve(import.meta.dirname, '../..'), 'dist/apps/projector/src/projections.main.js');

let world: ProjectionWorld;

beforeAll(async () => {
  world = await ProjectionWorld.open();
  world.work(inboxProjection);
  world.work(sentProjection);
  await world.happen('tool', 30);
  await world.untilThere(inboxProjection);
});
afterAll(() => world.close());

function start(...args: string[]) {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', MAIN, ...args], {
    env: { ...env, DATABASE_URL: world.databaseUrl, EVENTSTORE_URL: world.eventStore.url },
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const closed = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  return { child, closed, said };
}
const projections = (...args: string[]) => start(...args).closed;

const inbox = async (columns = 'invitation_id, message') =>
  (await world.pool.query(`SELECT ${columns} FROM read_models.inbox ORDER BY 1`)).rows;

describe('npm run projections', () => {
  it('rebuilds, lists generations, goes back and drops', async () => {
    const before = await inbox();
    expect(await projections('rebuild', 'inbox')).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^generation 1: (\d+) rows, checksum (\S+)\ngeneration 2: \1 rows, checksum \2\nthey agree\ngeneration 2 of inbox is shown; back with: npm run projections -- switch inbox 1\n$/,
      ),
    });
    expect(await inbox()).toEqual(before);
    expect((await projections('generations', 'inbox')).out).toBe('1  was shown before\n2  is shown\n');
    const [first] = JSON.parse((await projections('generations', 'inbox', '--json')).out) as object[];
    expect(first).toEqual({ generation: 1, isLive: false, construction: 'shown' });
    expect((await projections('switch', 'inbox', '1')).code).toBe(0);
    expect(await projections('drop', 'inbox', '1')).toEqual({
      code: 1,
      out: '',
      err: 'generation 1 of inbox is the one that is shown\n',
    });
    expect((await projections('drop', 'inbox', '2')).out).toBe('generation 2 of inbox is gone\n');
    expect(await inbox()).toEqual(before);
  });

  it('shows differences by key and column, and what members wrote only on demand', async () => {
    const { rows } = await world.pool.query<{ invitation_id: string }>(
      `UPDATE read_models.inbox_g1 SET message = 'a secret' WHERE invitation_id =
         (SELECT invitation_id FROM read_models.inbox_g1 WHERE message IS NOT NULL LIMIT 1) RETURNING invitation_id`,
    );
    const key = rows[0]!.invitation_id;
    const refused = await projections('rebuild', 'inbox');
    expect(refused.code).toBe(1);
    expect(refused.out).toContain(
      `they differ: 0 rows missing in generation 2, 0 only there, 1 different. Some of them:\n  different  ${key}: message\n`,
    );
    expect(refused.err).toContain('generation 1 stays, and generation 2 is kept to be looked at\n');
    expect(refused.out + refused.err).not.toContain('secret');
    expect(await inbox()).toContainEqual({ invitation_id: key, message: 'a secret' });
    const shown = await projections('rebuild', 'inbox', '--expect-changes', '--show-values');
    expect(shown.code).toBe(0);
    expect(shown.out).toMatch(/ {4}message: "a secret" is now "Hi \d+"\n/);
    expect(await inbox()).not.toContainEqual({ invitation_id: key, message: 'a secret' });
  });

  it('survives kill -9 in the middle, and goes on', async () => {
    const before = await inbox();
    const generation = `(SELECT max(generation) FROM read_models.slices WHERE projection = 'inbox')`;
    const { rows } = await world.pool.query<{ n: number }>(`SELECT ${generation} + 1 AS n`);
    const next = rows[0]!.n;
    const running = start('rebuild', 'inbox');
    await until(
      async () => {
        const found = await world.pool.query(`SELECT to_regclass('read_models.inbox_g${next}') AS name`);
        return (found.rows[0] as { name: unknown }).name !== null;
      },
      30_000,
      'it builds',
      2,
    );
    running.child.kill('SIGKILL');
    expect((await running.closed).code).toBeNull();
    expect(await inbox()).toEqual(before);
    const listed = (await projections('generations', 'inbox')).out;
    expect(listed).toContain(`${next}  half built: rebuild goes on with it\n`);
    const again = await projections('rebuild', 'inbox');
    expect(again.code).toBe(0);
    expect(again.err).toContain(`goes on with generation ${next}, which is half built\n`);
    expect(await inbox()).toEqual(before);
  });

  it('says why a projection of messages is not rebuilt, and knows wrong usage', async () => {
    const { code, err } = await projections('rebuild', 'publisher');
    expect(code).toBe(1);
    expect(err).toMatch(
      /^publisher has no rows: .*With rows: inbox, archive, sent, connections, account-restriction(, \S+)*\n$/,
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

  it('tells how the projections stand', async () => {
    await world.untilThere(sentProjection);
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

  it('counts what waits, since when, and what is handled', async () => {
    await world.stopWorkers();
    await world.happen('late', 4);
    const { events } = await world.log();
    const late = events.filter((event) => 'inviterId' in event && event.inviterId.startsWith('late-')).length;
    const [idle] = JSON.parse((await projections('status', 'sent', '--json')).out) as Record<
      string,
      unknown
    >[];
    expect(idle).toMatchObject({ projection: 'sent', generation: 1, lagEvents: late, isAtLeast: false });
    expect(idle).toMatchObject({ replicas: {}, eventsPerSecond: 0, parked: 0 });
    expect(idle!['lagSeconds']).toBeGreaterThan(0);
    const looking = start('status', 'sent', '--json');
    // Once it has looked for the first time.
    await until(
      async () =>
        (await world.pool.query(`SELECT FROM pg_stat_activity WHERE application_name = 'projections'`))
          .rowCount! > 0,
      30_000,
      'it looks',
      5,
    );
    await until(
      async () =>
        (
          await world.pool.query(
            `SELECT FROM pg_stat_activity WHERE application_name = 'projections' AND state = 'idle' AND query LIKE '%slices%'`,
          )
        ).rowCount! > 0,
      30_000,
      'it has looked',
      5,
    );
    world.work(sentProjection);
    const [busy] = JSON.parse((await looking.closed).out) as { eventsPerSecond: number; lagEvents: number }[];
    expect(busy!.eventsPerSecond).toBeGreaterThan(0);
  });
});
