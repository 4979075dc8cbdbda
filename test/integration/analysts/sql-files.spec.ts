import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { jsonEvent } from '@eventstore/db-client';
import { DuckDBInstance } from '@duckdb/node-api';
import type { InvitationEvent } from '#libs/invitation';
import { readByDuckDb } from '../../support/duckdb.js';
import { startTool } from '../../support/run-tool.js';
import { accepted, id, ignored, sent } from '../../support/story.js';
import { ANALYSTS_FILE } from '../../docs/events/analysts-catalogue.js';
import { readDocument } from '../../docs/generated.js';
import { ReplayHarness } from '../replay/support/replay-harness.js';

jest.setTimeout(300_000);

const KEY = { REPLAY_PSEUDONYM_KEY: 'a secret that nobody could guess: 4711' };
const STATUS = 'SELECT invitation_id, status FROM invitations ORDER BY invitation_id';

let harness: ReplayHarness;

const of = (inviterId: string, n: number, event: InvitationEvent) =>
  ({ ...event, inviterId, recipientId: `r${n}`, invitationId: `${inviterId}.${id(n)}` }) as InvitationEvent;

beforeAll(async () => {
  harness = await ReplayHarness.open();
  await harness.append('amal', [
    of('amal', 1, sent(1, { message: '=HYPERLINK("http://bad")' })),
    of('amal', 1, accepted(2)),
    of('amal', 3, sent(3, { message: 'Hello, "you"' })),
  ]);
});
afterAll(() => harness.close());

const sql = async (...args: string[]) => {
  const { code, out, err } = await harness.replay(['sql', ...args]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
};

describe('the times of replay sql', () => {
  it('are instants, in UTC, whatever the time zone of the machine', async () => {
    const query = `SELECT count(*) FILTER (happened_at <= now()) AS past, min(happened_at) AS first,
      min(happened_at AT TIME ZONE 'Asia/Kolkata') AS wall_clock, [min(happened_at)] AS list,
      min(date_trunc('day', happened_at)) AS day FROM events`;
    const { ended } = startTool('replay/src/main.js', ['sql', query, '--json'], {
      env: { EVENTSTORE_URL: harness.url, TZ: 'Asia/Kolkata' },
    });
    const { out, err } = await ended;
    expect(err).toBe('');
    const first = sent(1).at;
    const wallClock = new Date(Date.parse(first) + 5.5 * 3_600_000).toISOString().slice(0, -1);
    expect(JSON.parse(out)).toEqual([
      { past: 3, first, wall_clock: wallClock, list: [first], day: `${first.slice(0, 10)}T00:00:00.000Z` },
    ]);
  });

  it('are instants in Parquet, too', async () => {
    await sql('FROM events', '--out', 'times.parquet');
    await harness.replay(['events', '--out', 'events.parquet']);
    for (const name of ['times', 'events']) {
      const file = join(harness.folder, `${name}.parquet`);
      const rows = await readByDuckDb(
        `SELECT name, logical_type FROM parquet_schema('${file}') WHERE name LIKE '%ed_at' ORDER BY name`,
      );
      expect(rows.map((row) => row['name'])).toEqual(['happened_at', 'recorded_at']);
      for (const row of rows) expect(row['logical_type']).toMatch(/isAdjustedToUTC=1/);
    }
  });
});

describe('replay sql --out', () => {
  it('writes the result of the last statement as Parquet, CSV and JSON lines', async () => {
    const query = `CREATE TABLE own AS SELECT 1 AS one; ${STATUS}`;
    for (const ending of ['parquet', 'csv', 'jsonl'])
      expect(await sql(query, '--out', `status.${ending}`)).toBe('');
    const expected = [
      { invitation_id: `amal.${id(1)}`, status: 'accepted' },
      { invitation_id: `amal.${id(3)}`, status: 'untouched' },
    ];
    const file = (ending: string) => join(harness.folder, `status.${ending}`);
    expect(await readByDuckDb(`FROM '${file('parquet')}'`)).toEqual(expected);
    expect(await readByDuckDb(`FROM read_csv('${file('csv')}')`)).toEqual(expected);
    expect(await readByDuckDb(`FROM read_json('${file('jsonl')}')`)).toEqual(expected);
    expect((await readdir(harness.folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
    const again = await harness.replay(['sql', STATUS, '--out', 'status.csv']);
    expect(again).toMatchObject({ code: 1, err: expect.stringMatching(/exists: --fresh overwrites it/) });
    await sql('SELECT 1 AS n', '--out', 'status.csv', '--fresh');
    expect(await readFile(file('csv'), 'utf8')).toBe('n\n1\n');
  });

  it('leaves no file behind when the query fails', async () => {
    const failed = await harness.replay(['sql', "SELECT error('no')", '--out', 'failed.jsonl']);
    expect(failed.code).toBe(1);
    expect((await readdir(harness.folder)).filter((name) => name.startsWith('failed'))).toEqual([]);
  });

  it('disarms formulas in a .csv file, and not with --no-csv-safe or on standard output', async () => {
    const query = 'SELECT -1 AS n, message FROM invitations ORDER BY position LIMIT 1';
    await sql(query, '--out', 'safe.csv');
    await sql(query, '--out', 'exact.csv', '--no-csv-safe');
    const read = (name: string) => readFile(join(harness.folder, name), 'utf8');
    const exact = 'n,message\n-1,"=HYPERLINK(""http://bad"")"\n';
    expect(await read('safe.csv')).toBe(exact.replace('"=', '"\'='));
    expect(await read('exact.csv')).toBe(exact);
    expect(await sql(query, '--csv')).toBe(exact);
    expect(await sql(query, '--csv', '--csv-safe')).toBe(exact.replace('"=', '"\'='));
    await harness.replay(['events', '--out', 'events.csv']);
    expect(await read('events.csv')).toContain(`"'=HYPERLINK`);
  });

  it('is refused for an ending that stands for no format, before the log is read', async () => {
    const nowhere = { EVENTSTORE_URL: '' };
    for (const args of [
      ['sql', 'SELECT 1', '--out', 'x.xlsx'],
      ['sql', 'SELECT 1', '--out', 'x'],
      ['events', '--out', 'x.xlsx'],
      ['invitations', '--out', 'x.json'],
      ['report', '--out', 'x.pdf'],
    ]) {
      const { code, out, err } = await harness.replay(args, nowhere);
      expect({ args, code, out }).toEqual({ args, code: 2, out: '' });
      expect(err).toMatch(/^replay: x\S* ends in none of \..*\n$/);
    }
  });

  it('says what is wrong with an empty query', async () => {
    for (const query of ['', '  \n'])
      expect(await harness.replay(['sql', query], { EVENTSTORE_URL: '' })).toEqual({
        code: 2,
        out: '',
        err: 'replay: there is no query: give SQL as one argument in quotes, or on standard input\n',
      });
  });
});

describe('replay invitations', () => {
  it('exports one row for each invitation', async () => {
    expect((await harness.replay(['invitations', '--out', 'all.parquet'])).code).toBe(0);
    const rows = await readByDuckDb(`FROM '${join(harness.folder, 'all.parquet')}'`);
    const printed = await sql('FROM invitations ORDER BY position', '--json');
    expect(rows.map((row) => row['status'])).toEqual(['accepted', 'untouched']);
    expect(Object.keys(rows[0]!)).toEqual(Object.keys((JSON.parse(printed) as object[])[0]!));
    const lines = (await harness.replay(['invitations'])).out;
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(JSON.parse(printed));
  });
});

describe('replay sql --pseudonyms', () => {
  it('shows neither the id of a member nor a text', async () => {
    const shown = await harness.replay(['sql', 'FROM events', '--json', '--pseudonyms'], KEY);
    expect(shown.code).toBe(0);
    expect(JSON.parse(shown.out)).toHaveLength(3);
    expect(shown.out).not.toMatch(/amal|"r\d|HYPERLINK|Hello/);
    const exported = await harness.replay(['events', '--pseudonyms'], KEY);
    const [first] = exported.out
      .split('\n')
      .map((line) => JSON.parse(line || '{}') as { account_id: string });
    expect(shown.out).toContain(`"${first!.account_id}"`);
    expect(await harness.replay(['report', '--json', '--pseudonyms'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/REPLAY_PSEUDONYM_KEY/),
    });
  });
});

describe('replay sql --until', () => {
  it('selects what happened before the instant, which is exclusive', async () => {
    const count = 'SELECT count(*) AS n FROM events';
    const { at } = accepted(2);
    expect(JSON.parse(await sql(count, '--json', '--until', at))).toEqual([{ n: 1 }]);
    expect(JSON.parse(await sql(count, '--json', '--since', at))).toEqual([{ n: 2 }]);
    for (const command of ['sql', 'events', 'report', 'invitations'])
      expect((await harness.replay([command, '--help'])).out).toMatch(/--until <instant>.*\s.*exclusive/);
  });
});

describe('replay sql --table', () => {
  it('joins CSV and Parquet files', async () => {
    await writeFile(join(harness.folder, 'plans.csv'), 'member,plan\namal,pro\n');
    await sql("SELECT 'pro' AS plan, 9 AS price", '--out', 'prices.parquet');
    const query = `SELECT price, count(*) AS n FROM invitations JOIN plans ON inviter_id = member
                   JOIN prices USING (plan) GROUP BY price`;
    const tables = ['--table', 'plans=plans.csv', '--table', 'prices=prices.parquet'];
    expect(JSON.parse(await sql(query, '--json', ...tables))).toEqual([{ price: 9, n: 2 }]);
  });

  it('does not let a query read the file, or any other', async () => {
    const query = `SELECT * FROM read_csv('${join(harness.folder, 'plans.csv')}')`;
    const refused = await harness.replay(['sql', query, '--table', 'plans=plans.csv']);
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/disabled|Permission/) });
  });

  it('is refused for what is not a file, and for a name that is taken', async () => {
    for (const [table, code, why] of [
      ['a=http://127.0.0.1:9/a.csv', 1, 'is not a file'],
      ['a=*.csv', 1, 'is not a file'],
      ['a=plans.xlsx', 2, 'ends in none of'],
      ['Events=plans.csv', 2, 'has a table'],
      ['plans.csv', 2, 'name=file.csv'],
    ] as const) {
      const refused = await harness.replay(['sql', 'SELECT 1', '--table', table]);
      expect(refused).toMatchObject({ code, out: '', err: expect.stringContaining(why) });
    }
  });
});

describe('docs/analysts.md', () => {
  const section = readDocument(ANALYSTS_FILE).split('### Files\n')[1]!.split('\n### ')[0]!;
  const commands = [...section.matchAll(/^npm run replay -- (.+)$/gm)].map(([, line]) => line!);

  it.each(commands)('quotes commands about files that work: %s', async (line) => {
    await writeFile(join(harness.folder, 'plans.csv'), 'member,plan\namal,pro\n');
    const args = [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
    expect(await harness.replay(args)).toMatchObject({ code: 0, err: '' });
  });
});

describe('replay sql --cache', () => {
  const cached = (directory: string, ...args: string[]) =>
    sql(STATUS, '--csv', '--cache', join(harness.folder, directory), ...args);
  const filesIn = async (directory: string) => (await readdir(join(harness.folder, directory))).toSorted();

  it('gives the same answers as without, also after the log has grown', async () => {
    expect(await cached('grown')).toBe(await sql(STATUS, '--csv'));
    const [file] = await filesIn('grown');
    const path = join(harness.folder, 'grown', file!);
    const before = await stat(path);
    expect(before.mode & 0o077).toBe(0);
    expect(await cached('grown')).toBe(await sql(STATUS, '--csv'));
    expect((await stat(path)).ino).toBe(before.ino);

    await harness.append('bea', [of('bea', 5, sent(5))]);
    await harness.append('amal', [of('amal', 3, ignored(6))]);
    const answer = await cached('grown');
    expect(answer).toContain(`amal.${id(3)},ignored`);
    expect(answer).toBe(await sql(STATUS, '--csv'));
    expect(await filesIn('grown')).toEqual([file]);
    const position = 'SELECT count(*) AS n, count(DISTINCT position) AS positions FROM events';
    const where = ['--cache', join(harness.folder, 'grown')];
    expect(await sql(position, ...where)).toBe(await sql(position));
  });

  it('reads no event again that is in it, also if the log ends with an event of another stream', async () => {
    await harness.client.appendToStream('not-an-account', jsonEvent({ type: 'Other', data: {} }));
    await cached('tampered');
    const [file] = await filesIn('tampered');
    const instance = await DuckDBInstance.create(join(harness.folder, 'tampered', file!));
    const connection = await instance.connect();
    await connection.run("UPDATE invitations SET status = 'from the cache'");
    connection.closeSync();
    instance.closeSync();
    expect(await cached('tampered')).toContain('from the cache');
  });

  it('keeps a file for each selection and each key of pseudonyms', async () => {
    await cached('several');
    await cached('several', '--account', 'bea');
    expect(await cached('several', '--account', 'bea')).not.toContain('amal');
    expect(await filesIn('several')).toHaveLength(2);
    const where = ['--pseudonyms', '--cache', join(harness.folder, 'several')];
    const disguised = await harness.replay(['sql', STATUS, ...where], KEY);
    expect(disguised.out).not.toMatch(/amal|bea/);
    expect(await filesIn('several')).toHaveLength(3);
  });

  it('is not damaged by a writer that was killed, and removes what it left', async () => {
    await cached('killed');
    const [file] = await filesIn('killed');
    const path = join(harness.folder, 'killed', `${file!}.00000000-0000-4000-8000-000000000001.part`);
    await writeFile(path, 'half a database');
    expect(await cached('killed')).toBe(await sql(STATUS, '--csv'));
    expect(await filesIn('killed')).toHaveLength(2);
    const long = new Date('2026-01-01T00:00:00Z');
    await utimes(path, long, long);
    await cached('killed');
    expect(await filesIn('killed')).toEqual([file]);
  });

  it('is built again if its file is damaged, or the log is another one', async () => {
    await cached('damaged');
    const [file] = await filesIn('damaged');
    await writeFile(join(harness.folder, 'damaged', file!), 'no database');
    expect(await cached('damaged')).toBe(await sql(STATUS, '--csv'));

    const other = await ReplayHarness.open();
    try {
      await mkdir(join(other.folder, 'cache'));
      const args = ['sql', STATUS, '--csv', '--cache', join(harness.folder, 'damaged')];
      expect((await other.replay(args)).out).toBe('invitation_id,status\n');
      await other.append('carl', [of('carl', 9, sent(9))]);
      expect((await other.replay(args)).out).toContain(`carl.${id(9)}`);
      expect((await other.replay(args)).out).not.toContain('amal');
    } finally {
      await other.close();
    }
  });

  it.each([
    ['is shorter than the cache', []],
    ['has grown to another event', [3, 4]],
    ['has grown past the cache', [3, 4, 5, 6]],
  ])('is built again if the event store was restored and its log %s', async (_, after) => {
    const [original, restored] = await Promise.all([ReplayHarness.open(), ReplayHarness.open()]);
    try {
      const directory = join(original.folder, 'cache');
      const args = ['sql', STATUS, '--csv', '--cache', directory];
      // A restored log begins with the same events at the same positions.
      for (const store of [original, restored]) await store.append('amal', [of('amal', 1, sent(1))]);
      await original.append('bea', [of('bea', 1, sent(1)), of('bea', 1, accepted(2))]);
      expect((await original.replay(args)).out).toContain(`bea.${id(1)},accepted`);
      const files = await readdir(directory);

      if (after.length > 0)
        await restored.append(
          'carl',
          after.map((n) => of('carl', n, sent(n))),
        );
      const answer = await restored.replay(args);
      expect(answer).toEqual(await restored.replay(args.slice(0, 3)));
      expect(answer.out).not.toContain('bea');
      // It is the same log to the cache, so the file was replaced.
      expect(await readdir(directory)).toEqual(files);
    } finally {
      await Promise.all([original.close(), restored.close()]);
    }
  });

  it('cannot be changed by a query', async () => {
    for (const query of ['DELETE FROM fold.events', 'DROP TABLE fold.invitations'])
      expect(await harness.replay(['sql', query, '--cache', join(harness.folder, 'grown')])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/read-only/),
      });
  });
});
