import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuthorTextSealer, countKeys, eraseKey, findStoredKeys, parseWrappingKeys } from '#libs/author-keys';
import { createPool, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { openTestPostgres, type TestPostgres } from '../support/postgres.js';
import { runTool, startTool } from '../support/run-tool.js';
import { until } from '../support/until.js';
import { SILENT } from './support/consumer-harness.js';

const MAIN = 'projector/src/rewrap-keys.main.js';
const secret = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;
const [FIRST, SECOND] = [secret('t1'), secret('t2')];
const AUTHORS = Array.from({ length: 30 }, (_, n) => `author-${String(n).padStart(2, '0')}`);

let postgres: TestPostgres;
let pool: Pool;

beforeAll(async () => {
  postgres = await openTestPostgres(readModelMigrations);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
});
beforeEach(async () => {
  await pool.query('TRUNCATE read_models.author_keys, read_models.operator_actions');
  await new AuthorTextSealer(pool, parseWrappingKeys(FIRST)).load(AUTHORS);
  await eraseKey(pool, AUTHORS[0]!);
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const env = (TEXT_KEYS?: string) => ({
  DATABASE_URL: postgres.url,
  ...(TEXT_KEYS === undefined ? {} : { TEXT_KEYS }),
});
const rewrap = (keys: string | undefined, ...args: string[]) => runTool(MAIN, args, { env: env(keys) });
const counts = async () => Object.fromEntries(await countKeys(pool));
const actions = async () =>
  (
    await pool.query<{ operator: string; action: string }>(
      'SELECT operator, action FROM read_models.operator_actions',
    )
  ).rows;

describe('rewrap-keys', () => {
  it('wraps every key again with the first wrapping key, and records who did it; a second run changes nothing', async () => {
    expect(await rewrap(`${SECOND},${FIRST}`, '--batch', '7', '--operator', 'olga')).toEqual({
      code: 0,
      out:
        't1: wraps 29 keys\n29 keys were wrapped again, with t2\nevery key is wrapped with t2\n' +
        'TEXT_KEYS need not list t1 any more, once no app has another first key\n',
      err: '',
    });
    expect(await counts()).toEqual({ t2: 29 });
    expect((await findStoredKeys(pool, [AUTHORS[0]!])).get(AUTHORS[0]!)).toBe('erased');
    const rows = (await pool.query('SELECT * FROM read_models.author_keys ORDER BY author_id')).rows;
    const again = await rewrap(`${SECOND},${FIRST}`);
    expect(again).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^t2: wraps 29 keys\nevery key is wrapped with t2\n/),
    });
    expect((await pool.query('SELECT * FROM read_models.author_keys ORDER BY author_id')).rows).toEqual(rows);
    expect(await actions()).toEqual([{ operator: 'olga', action: expect.stringContaining('rewrap-keys') }]);
  });

  it('changes nothing with --dry-run', async () => {
    const before = (await pool.query('SELECT * FROM read_models.author_keys ORDER BY author_id')).rows;
    expect(await rewrap(`${SECOND},${FIRST}`, '--dry-run')).toEqual({
      code: 0,
      out: 't1: wraps 29 keys\n29 would be wrapped again, with t2\n',
      err: '',
    });
    expect((await pool.query('SELECT * FROM read_models.author_keys ORDER BY author_id')).rows).toEqual(
      before,
    );
    expect(await actions()).toEqual([]);
  });

  it('goes on after kill -9 with the keys that are left', async () => {
    // Each batch of one key waits for the lock on the row that comes next, so the kill is in between on any machine.
    const blocker = await pool.connect();
    try {
      await blocker.query('BEGIN');
      await blocker.query('SELECT FROM read_models.author_keys WHERE author_id = $1 FOR UPDATE', [
        AUTHORS[10],
      ]);
      const { child, ended } = startTool(MAIN, ['--batch', '1'], { env: env(`${SECOND},${FIRST}`) });
      await until(async () => (await counts())['t2'] === 9, 60_000, 'the keys before the locked one');
      child.kill('SIGKILL');
      expect((await ended).code).toBeNull();
    } finally {
      await blocker.query('ROLLBACK');
      blocker.release();
    }
    const { code, out } = await rewrap(`${SECOND},${FIRST}`);
    expect(code).toBe(0);
    expect(out).toContain('every key is wrapped with t2\n');
    expect(await counts()).toEqual({ t2: 29 });
    // With the second key alone, every key can be unwrapped.
    await new AuthorTextSealer(pool, parseWrappingKeys(SECOND)).load(AUTHORS);
  });

  it('exits with 1 and changes nothing if a wrapping key is not listed or has another secret', async () => {
    expect(await rewrap(SECOND)).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/^rewrap-keys: TEXT_KEYS does not list t1, .*Nothing was changed.*\n$/),
    });
    const wrong = await rewrap(`${SECOND},${secret('t1')}`);
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('another secret') });
    expect(wrong.err + wrong.out).not.toContain(SECOND.split(':')[1]);
    expect(await counts()).toEqual({ t1: 29 });
  });

  it('exits with 2 without TEXT_KEYS and for wrong usage, and has a help', async () => {
    expect(await rewrap(undefined)).toMatchObject({ code: 2, err: expect.stringContaining('TEXT_KEYS') });
    expect((await rewrap(FIRST, '--batch', '0')).code).toBe(2);
    expect(await rewrap(FIRST, '--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('npm run tool -- rewrap-keys --dry-run'),
    });
  });
});
