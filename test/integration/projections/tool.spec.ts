import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listParked, type ParkedAccount } from '#libs/projection';
import { ProjectionHarness } from '../support/projection-harness.js';
import { runTool } from '../../support/run-tool.js';
import { id } from '../../support/story.js';

let harness: ProjectionHarness;

beforeAll(async () => {
  harness = await ProjectionHarness.open();
  const counting = await harness.counting('tooled');
  await harness.pool.query(
    "ALTER TABLE test.tooled_g1 ADD CONSTRAINT refused CHECK (account <> 'parked-0' OR events < 2)",
  );
  harness.work(counting);
  await harness.happen('parked', 1);
  await harness.untilThere(counting);
});
afterAll(() => harness.close());

const auditLog = join(mkdtempSync(join(tmpdir(), 'audit-')), 'audit.log');
const projections = (...args: string[]) =>
  runTool('projector/src/projections.main.js', args, {
    env: { DATABASE_URL: harness.databaseUrl, AUDIT_LOG: auditLog },
  });

describe('the record of changes', () => {
  it('has who, what and why of each change, whether it succeeded, and nothing of a command that only reads', async () => {
    const who = ['--operator', 'dana', '--why', 'ticket 7'];
    await projections(...who, 'parked');
    await projections(...who, 'drop', 'tooled', '9');
    await projections('reset', 'nothing');
    await projections('repair-connections', '--dry-run');
    const { rows } = await harness.pool.query(
      `SELECT operator, action, why, finished_at IS NOT NULL AS "hasFinished"
       FROM read_models.operator_actions ORDER BY id`,
    );
    const [dropped, reset] = rows;
    expect(rows).toHaveLength(2);
    expect(dropped).toEqual({
      operator: 'dana',
      action: 'projections drop tooled 9',
      why: 'ticket 7',
      hasFinished: false,
    });
    expect(reset).toMatchObject({ action: 'projections reset nothing', why: null });
    const lines = readFileSync(auditLog, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ app: 'audit', operator: 'dana', action: dropped!.action, why: 'ticket 7' }),
      expect.objectContaining({ app: 'audit', action: 'projections reset nothing' }),
    ]);
  });

  it('stops a change that cannot be recorded', async () => {
    await harness.pool.query('ALTER TABLE read_models.operator_actions RENAME TO hidden');
    const { code, err } = await projections('drop', 'tooled', '9');
    await harness.pool.query('ALTER TABLE read_models.hidden RENAME TO operator_actions');
    expect(code).toBe(1);
    expect(err).toContain('cannot be recorded, so it was not started');
  });
});

describe('projections parked, retry and skip', () => {
  it('list parked accounts, as text and as JSON', async () => {
    const { code, out } = await projections('parked');
    expect(code).toBe(0);
    expect(out).toMatch(/^tooled \(generation 1\): parked-0, since .*, attempts: 1\n {2}Invitation\w+ /);
    expect(out).toContain('PostgreSQL 23514 (refused)');
    const json = JSON.parse((await projections('parked', 'tooled', '--json')).out) as ParkedAccount[];
    expect(json.map(({ accountId, attempts }) => ({ accountId, attempts }))).toEqual([
      { accountId: 'parked-0', attempts: 1 },
    ]);
    expect((await projections('parked', 'inbox')).out).toBe('no account is parked\n');
  });

  it('print in one line why an account stays parked, and that it is no longer parked after a fix', async () => {
    const failed = await projections('retry', 'tooled', 'parked-0');
    expect(failed).toMatchObject({ code: 1, out: '' });
    expect(failed.err).toMatch(
      /^parked-0 stays parked in tooled at Invitation\w+ \S+, queued events: \d+; PostgreSQL 23514 \(refused\)\n$/,
    );
    await harness.pool.query('ALTER TABLE test.tooled_g1 DROP CONSTRAINT refused');
    const [{ first }] = (await listParked(harness.pool, 'tooled')) as [ParkedAccount];
    expect(await projections('skip', 'tooled', 'parked-0', id(77))).toEqual({
      code: 1,
      out: '',
      err: `the failed event of parked-0 in tooled is another one: ${first.type} ${first.id}\n`,
    });
    expect(await projections('skip', 'tooled', 'parked-0', first.id)).toEqual({
      code: 0,
      out: 'parked-0 is no longer parked in tooled\n',
      err: '',
    });
    expect(await projections('retry', 'tooled', 'parked-0')).toEqual({
      code: 1,
      out: '',
      err: 'parked-0 is not parked in tooled\n',
    });
  });

  it('say that there is no such projection, and which there are', async () => {
    for (const command of [
      ['parked', 'inbocks'],
      ['retry', 'inbocks', 'parked-0'],
      ['skip', 'inbocks', 'parked-0', id(77)],
    ])
      expect(await projections(...command)).toEqual({
        code: 1,
        out: '',
        err: expect.stringMatching(
          /^there is no projection inbocks. Projections: inbox, archive, .*publisher\n$/,
        ),
      });
  });

  it('fail when no worker handles the request', async () => {
    await harness.pool.query(
      `INSERT INTO read_models.projections VALUES ('unattended', 1);
       INSERT INTO read_models.parked_accounts VALUES ('unattended', 1, 'amal', 0, 'error');
       INSERT INTO read_models.parked_events VALUES ('unattended', 1, 'amal', 1, 1,
         '{"id": "1", "type": "InvitationSent", "revision": "0"}')`,
    );
    const { code, err } = await projections('retry', 'unattended', 'amal', '--wait', '0.5');
    expect(code).toBe(1);
    expect(err).toBe('no worker of unattended has handled the request yet: is one running?\n');
  });

  it('exit with 2 for wrong usage, and print help', async () => {
    expect((await projections('retry', 'tooled')).code).toBe(2);
    expect((await projections('mend')).code).toBe(2);
    for (const command of ['parked', 'retry', 'skip']) {
      const { code, out } = await projections(command, '--help');
      expect(code).toBe(0);
      expect(out).toContain(`npm run projections -- ${command} inbox`);
    }
  });
});

describe('projections reset', () => {
  it('resets none if the options do not fit one of them', async () => {
    const { code, out, err } = await projections('reset', 'publisher', 'inbox', '--at-end');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('--at-end is only for projections of messages');
  });
});
