import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { listParked, type ParkedAccount } from '#libs/projection';
import { ProjectionWorld } from '../integration/support/projection-world.js';
import { id } from '../support/story.js';

const MAIN = join(resolve(import.meta.dirname, '../..'), 'dist/apps/projector/src/projections.main.js');

let world: ProjectionWorld;

beforeAll(async () => {
  world = await ProjectionWorld.open();
  const counting = await world.counting('tooled');
  await world.pool.query(
    "ALTER TABLE test.tooled_g1 ADD CONSTRAINT refused CHECK (account <> 'parked-0' OR events < 2)",
  );
  world.work(counting);
  await world.happen('parked', 1);
  await world.untilThere(counting);
});
afterAll(() => world.close());

async function projections(...args: string[]) {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...env, DATABASE_URL: world.databaseUrl },
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

describe('npm run projections', () => {
  it('lists what is parked, for people and for programs', async () => {
    const { code, out } = await projections('parked');
    expect(code).toBe(0);
    expect(out).toMatch(/^tooled \(generation 1\): parked-0, since .*, attempts: 1\n {2}Invitation\w+ /);
    expect(out).toContain('PostgreSQL 23514 (refused)');
    const json = JSON.parse((await projections('parked', 'tooled', '--json')).out) as ParkedAccount[];
    expect(json.map(({ accountId, attempts }) => ({ accountId, attempts }))).toEqual([
      { accountId: 'parked-0', attempts: 1 },
    ]);
    expect((await projections('parked', 'inbox')).out).toBe('nothing is parked\n');
  });

  it('says in one line why an account stays parked, and that it is free after a fix', async () => {
    const failed = await projections('retry', 'tooled', 'parked-0');
    expect(failed).toMatchObject({ code: 1, out: '' });
    expect(failed.err).toMatch(
      /^parked-0 stays parked in tooled at Invitation\w+ \S+, events that wait: \d+; PostgreSQL 23514 \(refused\)\n$/,
    );
    await world.pool.query('ALTER TABLE test.tooled_g1 DROP CONSTRAINT refused');
    const [{ first }] = (await listParked(world.pool, 'tooled')) as [ParkedAccount];
    expect(await projections('skip', 'tooled', 'parked-0', id(77))).toEqual({
      code: 1,
      out: '',
      err: `parked-0 does not stand at that event in tooled, but at ${first.type} ${first.id}\n`,
    });
    expect(await projections('skip', 'tooled', 'parked-0', first.id)).toEqual({
      code: 0,
      out: 'parked-0 is free again in tooled\n',
      err: '',
    });
    expect(await projections('retry', 'tooled', 'parked-0')).toEqual({
      code: 1,
      out: '',
      err: 'parked-0 is not parked in tooled\n',
    });
  });

  it('tells when no worker is there to see to it', async () => {
    await world.pool.query(
      `INSERT INTO read_models.projections VALUES ('unattended', 1);
       INSERT INTO read_models.parked_accounts VALUES ('unattended', 1, 'amal', 0, 'error');
       INSERT INTO read_models.parked_events VALUES ('unattended', 1, 'amal', 1, 1,
         '{"id": "1", "type": "InvitationSent", "revision": "0"}')`,
    );
    const { code, err } = await projections('retry', 'unattended', 'amal', '--wait', '0.5');
    expect(code).toBe(1);
    expect(err).toBe('asked for, but no worker of unattended has seen to it yet: does one run?\n');
  });

  it('knows wrong usage from a failure, and helps', async () => {
    expect((await projections('retry', 'tooled')).code).toBe(2);
    expect((await projections('mend')).code).toBe(2);
    for (const command of ['parked', 'retry', 'skip']) {
      const { code, out } = await projections(command, '--help');
      expect(code).toBe(0);
      expect(out).toContain(`npm run projections -- ${command} inbox`);
    }
  });
});
