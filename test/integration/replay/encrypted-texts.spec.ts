import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AuthorTextSealer, eraseKey, parseWrappingKeys } from '#libs/author-keys';
import { AccountRepository } from '#libs/event-store';
import { createPool, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';
import { INVITATION, replied, sent } from '../../support/story.js';
import { SILENT } from '../support/consumer-harness.js';
import { ReplayHarness } from './support/replay-harness.js';

const TEXT_KEYS = `t1:${randomBytes(32).toString('base64url')}`;
const KEYS = parseWrappingKeys(TEXT_KEYS);

let harness: ReplayHarness;
let postgres: TestPostgres;
let pool: Pool;
let keys: Record<string, string>;

/* amal, who is erased, has written to bilal, who has replied. An invitation of chiara is from before encryption. */
beforeAll(async () => {
  [harness, postgres] = await Promise.all([ReplayHarness.open(), openTestPostgres(readModelMigrations)]);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  keys = { TEXT_KEYS, DATABASE_URL: postgres.url };
  const sealer = new AuthorTextSealer(pool, KEYS);
  await new AccountRepository(harness.client, undefined, undefined, undefined, sealer).append(
    'amal',
    undefined,
    [sent(1, { message: 'written by amal' }), replied(2, 'written by bilal')],
  );
  await harness.append('chiara', [
    { ...sent(3, { message: 'written before' }), inviterId: 'chiara', invitationId: 'chiara.x' },
  ]);
  await eraseKey(pool, 'amal');
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
  await harness.close();
});

const messagesOf = (jsonl: string) =>
  jsonl
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { message?: string | null }).message);

describe('replay with encrypted texts in the log', () => {
  it('decrypts texts with the keys; those of an erased member are null, and counted', async () => {
    const { code, out, err } = await harness.replay(['events'], keys);
    expect(code).toBe(0);
    expect(messagesOf(out)).toEqual([null, 'written by bilal', 'written before']);
    expect(err).toBe('replay: 1 text of erased members: null in the output\n');
  });

  it('leaves texts null without the keys, and counts them', async () => {
    const { code, out, err } = await harness.replay(['events']);
    expect(code).toBe(0);
    expect(messagesOf(out)).toEqual([null, null, 'written before']);
    expect(err).toBe(
      'replay: 2 texts left encrypted: null in the output; TEXT_KEYS and DATABASE_URL decrypt them\n',
    );
  });

  it('says what is missing if only one of the two variables is set', async () => {
    const { code, err } = await harness.replay(['events'], { TEXT_KEYS });
    expect(code).not.toBe(0);
    expect(err).toContain('TEXT_KEYS is set, but texts cannot be decrypted');
    expect(err).toContain('DATABASE_URL');
  });

  it.each([
    ['events as they are stored', ['events', '--raw']],
    ['a cache', ['sql', 'SELECT message FROM events', '--csv', '--cache', 'cache']],
  ])('never decrypts for %s', async (_what, args) => {
    const { code, out, err } = await harness.replay(args, keys);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toMatch(/written by/);
    expect(out).toContain('written before');
  });

  it('answers SQL about texts, which are NULL for erased members', async () => {
    const { out } = await harness.replay(
      ['sql', 'SELECT message FROM events ORDER BY position', '--json'],
      keys,
    );
    expect(JSON.parse(out)).toEqual([
      { message: null },
      { message: 'written by bilal' },
      { message: 'written before' },
    ]);
  });

  it('exports texts to Parquet and CSV, and decides again without them', async () => {
    const file = join(harness.folder, 'events.csv');
    expect((await harness.replay(['events', '--out', file], keys)).code).toBe(0);
    expect(await readFile(file, 'utf8')).toContain('written by bilal');
    expect((await harness.replay(['events', '--out', 'events.parquet'], keys)).code).toBe(0);
    expect((await harness.replay(['invitations', '--format', 'jsonl'], keys)).code).toBe(0);
    // Needs no key, and takes no unreadable text for a difference. The id of chiara's invitation would be another one.
    const whatIf = await harness.replay(['what-if', '--json']);
    expect({ code: whatIf.code, err: whatIf.err }).toEqual({ code: 0, err: '' });
    const { byAccount } = JSON.parse(whatIf.out) as { byAccount: { accountId: string }[] };
    expect(byAccount.map(({ accountId }) => accountId)).toEqual(['chiara']);
  });

  it('shows the sent list as of any instant', async () => {
    const { code, out } = await harness.replay(
      ['as-of', '2030-01-01', 'sent', '--member', 'amal', '--json'],
      keys,
    );
    expect(code).toBe(0);
    expect(out).toContain(INVITATION);
    expect(out).toContain('written by bilal');
    expect(out).not.toContain('written by amal');
  });
});
