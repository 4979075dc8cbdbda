import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, createPool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { openTestPostgres } from '../../support/postgres.js';
import { ADMIN, openSecureEventStore } from '../../support/secure-event-store.js';
import type { TestEventStore } from '../../support/event-store.js';
import { runTool } from '../../support/run-tool.js';

const SECRET = 'Xk9-s3cret';
const LOGINS = ['command', 'projector', 'replay', 'analyst'].map((name) => `invitations-${name}`);

let store: TestEventStore;
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  store = await openSecureEventStore();
  folder = mkdtempSync(join(tmpdir(), 'users-tool-'));
  mkdirSync(at('passwords'));
  writeFileSync(at('admin'), ADMIN.password);
  for (const login of LOGINS) writeFileSync(at(`passwords/${login}`), `${SECRET} ${login}\n`);
}, 20_000);
afterAll(async () => {
  await store?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

const tool = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  runTool('command/src/event-store-users.main.js', ['--passwords', at('passwords'), ...args], {
    env: {
      EVENTSTORE_URL: store.url,
      EVENTSTORE_USERNAME: ADMIN.username,
      EVENTSTORE_PASSWORD_FILE: at('admin'),
      ...env,
    },
  });

describe('event-store-users', () => {
  it('shows what it would change, and changes nothing with --dry-run or without an answer', async () => {
    for (const args of [['--dry-run'], ['--dry-run', '--yes']]) {
      const { code, out } = await tool(args);
      expect(code).toBe(0);
      for (const login of LOGINS) expect(out).toContain(`create the user ${login}`);
      expect(out).toMatch(/invitations-projector, invitations-replay, invitations-analyst read \$all/);
      expect(out).toMatch(/\$settings\): .*only \$admins, invitations-command may append/);
      expect(out).toContain('Nothing was changed');
    }
    const unanswered = await tool();
    expect(unanswered).toMatchObject({ code: 2, err: expect.stringContaining('give --yes') });
    expect((await tool(['--dry-run'])).out).toContain('create the user');
  });

  it('makes all changes with --yes, none at the second run, and sets a password that was rotated', async () => {
    expect(await tool(['--yes'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('All changes were made.'),
    });
    const again = await tool(['--yes']);
    expect(again.out).toContain('Users and rights are as they should be.');
    writeFileSync(at('passwords/invitations-replay'), `${SECRET} new`);
    const rotated = await tool(['--yes']);
    expect(rotated.out).toContain('set the password of the user invitations-replay');
    expect(rotated.out).not.toContain('invitations-command');
    expect(JSON.stringify([again, rotated])).not.toContain(SECRET);
  });

  it('records a run that changes something: in the log, and in the table if DATABASE_URL is set', async () => {
    const postgres = await openTestPostgres(readModelMigrations);
    const pool = createPool({ url: postgres.url, app: 'test' }, createLogger('test', 'silent'));
    try {
      const env = { AUDIT_LOG: at('audit.log') };
      const rotate = (why: string, more: Record<string, string> = {}) => {
        writeFileSync(at('passwords/invitations-replay'), `${SECRET} ${why}`);
        return tool(['--yes', '--operator', 'dana', '--why', why], { ...env, ...more });
      };
      await rotate('ticket 1');
      await rotate('ticket 2', { DATABASE_URL: postgres.url });
      await tool(['--yes'], { ...env, DATABASE_URL: postgres.url });
      await pool.query('ALTER TABLE read_models.operator_actions RENAME TO hidden');
      const unrecorded = await rotate('ticket 3', { DATABASE_URL: postgres.url });
      expect(unrecorded.code).toBe(1);
      expect(unrecorded.err).toContain('cannot be recorded, so it was not started');
      const { rows } = await pool.query(
        'SELECT operator, why, action, finished_at IS NOT NULL AS "hasFinished" FROM read_models.hidden',
      );
      const action = expect.stringMatching(/^event-store-users --passwords .*\/passwords --yes$/);
      expect(rows).toEqual([{ operator: 'dana', why: 'ticket 2', action, hasFinished: true }]);
      const lines = readFileSync(at('audit.log'), 'utf8').trim().split('\n');
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
        expect.objectContaining({ operator: 'dana', why: 'ticket 1', action }),
        expect.objectContaining({ operator: 'dana', why: 'ticket 2', action }),
      ]);
      expect(lines.join()).not.toContain(SECRET);
    } finally {
      await pool.end();
      await postgres.stop();
    }
  }, 60_000);

  it('rejects a user who is not an administrator, and a wrong password', async () => {
    const user = { EVENTSTORE_USERNAME: LOGINS[0]!, EVENTSTORE_PASSWORD_FILE: at(`passwords/${LOGINS[0]}`) };
    expect(await tool(['--yes'], user)).toMatchObject({
      code: 1,
      err: expect.stringContaining('not in the group $admins'),
    });
    const wrong = { EVENTSTORE_PASSWORD_FILE: at(`passwords/${LOGINS[0]}`) };
    expect(await tool(['--yes'], wrong)).toMatchObject({
      code: 1,
      err: expect.stringContaining('wrong user name or password'),
    });
  });

  it('names a missing file of a password', async () => {
    rmSync(at('passwords/invitations-analyst'));
    expect(await tool()).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^event-store-users: --passwords has no file invitations-analyst .*\n$/),
    });
  });
});
