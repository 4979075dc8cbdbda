import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import { closeEventStore, connectEventStore, encodeEvent, streamOf } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { ANALYSTS_FILE } from '../../docs/events/analysts-catalogue.js';
import { readDocument } from '../../docs/generated.js';
import { startEventStoreProcess } from '../../support/event-store-process.js';
import { readByDuckDb } from '../../support/duckdb.js';
import { id, sent } from '../../support/story.js';
import { until } from '../../support/until.js';
import { ReplayHarness } from './support/replay-harness.js';

jest.setTimeout(300_000);

const KEY = { REPLAY_PSEUDONYM_KEY: 'a secret that nobody could guess: 4711' };
const BY_DAY = ['events', '--partition-by', 'day', '--json'];
const ACCOUNTS = 40;
const EACH = 100;
/** No test waits this long: new events are only exported at the start and at the end. */
const NEVER = 'P1D';

let harness: ReplayHarness;

beforeAll(async () => {
  harness = await ReplayHarness.open();
  for (let n = 0; n < ACCOUNTS; n += 1) await harness.append(`many-${n}`, history(`many-${n}`, EACH));
});
afterAll(() => harness.close());

/** Invitations on ten days, so that the log is not in the order of the days. */
function history(inviterId: string, events: number): InvitationEvent[] {
  return Array.from({ length: events }, (_, n) => ({
    ...sent(n, { inviterId, recipientId: `${inviterId}-${n}`, message: '=1+1' }),
    invitationId: `${inviterId}.${id(n)}`,
    at: new Date(Date.UTC(2026, 0, 1 + (n % 10), 12, n)).toISOString(),
  }));
}

const pathOf = (directory: string) => join(harness.folder, directory);
const readersOf = { parquet: 'read_parquet', csv: 'read_csv', jsonl: 'read_json' } as const;
type Format = keyof typeof readersOf;
const tableOf = (directory: string, format: Format = 'parquet') =>
  `${readersOf[format]}('${pathOf(directory)}/day=*/*.${format}', hive_partitioning = true, union_by_name = true)`;

/** Compares the directory with the log: every event is in it once, in the folder of its day. */
async function expectEveryEventOnce(directory: string, format: Format = 'parquet'): Promise<void> {
  const [summary] = await readByDuckDb(
    `SELECT count(*)::INT AS events, count(DISTINCT position)::INT AS positions,
       count(*) FILTER ((happened_at AT TIME ZONE 'UTC')::DATE <> day)::INT AS misplaced
     FROM ${tableOf(directory, format)}`,
  );
  const { out } = await harness.replay(['events']);
  const logged = out.split('\n').length - 1;
  expect(summary).toEqual({ events: logged, positions: logged, misplaced: 0 });
}

interface Position {
  readonly position: string | null;
  readonly events: number;
}

const readPosition = async (directory: string): Promise<Position | undefined> => {
  const text = await readFile(join(pathOf(directory), '_export.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Position);
};

describe('replay events --partition-by day', () => {
  it.each(['parquet', 'csv', 'jsonl'] as const)(
    'writes a folder for each day, and adds only new events later: %s',
    async (format) => {
      const args = [...BY_DAY, '--format', format, '--out', `once-${format}`];
      const first = await harness.replay(args);
      expect(first.code).toBe(0);
      expect(first.err).toMatch(/^replay: \d+ new events in \d+ new files; complete up to position \d+ /);
      await expectEveryEventOnce(`once-${format}`, format);
      const days = (await readdir(pathOf(`once-${format}`))).filter((name) => name.startsWith('day='));
      expect(days.length).toBeGreaterThanOrEqual(10);

      const { position } = JSON.parse(first.out) as Position;
      expect(JSON.parse((await harness.replay(args)).out)).toMatchObject({ events: 0, files: 0, position });
      await harness.append(`late-${format}`, history(`late-${format}`, 3));
      expect(JSON.parse((await harness.replay(args)).out)).toMatchObject({ events: 3, files: 3 });
      await expectEveryEventOnce(`once-${format}`, format);
    },
  );

  it('disarms formulas in CSV', async () => {
    await harness.replay([...BY_DAY, '--format', 'csv', '--out', 'once-csv']);
    const rows = await readByDuckDb(`SELECT DISTINCT message FROM ${tableOf('once-csv', 'csv')}`);
    expect(rows).toEqual([{ message: "'=1+1" }]);
  });

  it('exports pseudonyms, also in the position file', async () => {
    const args = [...BY_DAY, '--pseudonyms', '--format', 'jsonl', '--out', 'disguised'];
    expect((await harness.replay(args, KEY)).code).toBe(0);
    const names = await readdir(pathOf('disguised'), { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile() && !entry.name.startsWith('_lock'));
    for (const { parentPath, name } of files)
      expect(await readFile(join(parentPath, name), 'utf8')).not.toMatch(/many-|=1/);
    const other = { REPLAY_PSEUDONYM_KEY: KEY.REPLAY_PSEUDONYM_KEY.toUpperCase() };
    expect(await harness.replay(args, other)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/holds an export with other options/),
    });
  });

  it('has lost and doubled nothing after many kills', async () => {
    const args = [...BY_DAY, '--out', 'killed', '--roll', '300'];
    let kills = 0;
    for (let committed = 0; ;) {
      const child = harness.start(args);
      const ended = once(child, 'exit');
      const hasCommitted = async () =>
        child.exitCode !== null || ((await readPosition('killed'))?.events ?? 0) > committed;
      await until(hasCommitted, 120_000, 'a commit', 1);
      child.kill('SIGKILL');
      const [code] = (await ended) as [number | null];
      if (code === 0) break;
      kills += 1;
      const state = (await readPosition('killed'))!;
      expect(state.events).toBeGreaterThan(committed);
      committed = state.events;
      // What the position file promises holds at every moment.
      const [seen] = await readByDuckDb(
        `SELECT count(*) FILTER (position <= ${state.position})::INT AS events,
           (count(*) - count(DISTINCT position))::INT AS doubled FROM ${tableOf('killed')}`,
      );
      expect(seen).toEqual({ events: committed, doubled: 0 });
    }
    expect(kills).toBeGreaterThan(3);
    await expectEveryEventOnce('killed');
  });

  it('refuses a directory of another export, a directory of something else, and what is not a directory', async () => {
    await harness.replay([...BY_DAY, '--out', 'once-parquet']);
    await writeFile(pathOf('a-file'), '');
    await mkdir(pathOf('mine'));
    await writeFile(join(pathOf('mine'), 'thesis.txt'), '');
    for (const [args, code, why] of [
      [['--out', 'a-file'], 1, /a-file is not a directory/],
      [['--out', 'mine'], 1, /contains thesis\.txt .*new directory/],
      [['--out', 'once-parquet', '--format', 'csv'], 1, /holds an export with other options.*"parquet"/],
      [['--out', 'once-parquet', '--type', 'InvitationSent'], 1, /other options/],
      [['--out', 'events.parquet'], 2, /name of a file/],
      [['--out', 'once-parquet', '--fresh'], 2, /does not delete/],
      [['--out', 'once-parquet', '--every', 'PT1M'], 2, /needs --follow/],
      [['--out', 'once-parquet', '--follow', '--every', 'PT0S'], 2, /at least PT1S/],
      [['--out', 'once-parquet', '--follow', '--to', '1'], 2, /no end/],
      [[], 2, /needs a directory/],
    ] as const) {
      const refused = await harness.replay([...BY_DAY, ...args]);
      expect({ args, ...refused }).toMatchObject({ args, code, out: '', err: expect.stringMatching(why) });
      expect(refused.err.trim().split('\n')).toHaveLength(1);
    }
    for (const args of [['--follow'], ['--roll', '5'], ['--skip-unreadable']])
      expect(await harness.replay(['events', '--out', 'x.csv', ...args])).toMatchObject({ code: 2, out: '' });
    expect(await harness.replay([...BY_DAY.slice(0, 2), 'hour', '--out', 'x'])).toMatchObject({ code: 2 });
  });

  it('refuses an event store that was restored to an earlier state', async () => {
    const restored = await ReplayHarness.open();
    try {
      await restored.append('many-0', history('many-0', 5));
      const args = [...BY_DAY, '--out', pathOf('once-parquet')];
      await harness.replay(args);
      const before = await readPosition('once-parquet');
      expect(await restored.replay(args)).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringMatching(/^replay: .*restored to an earlier state.*Export to a new directory.*\n$/),
      });
      expect(await readPosition('once-parquet')).toEqual(before);
    } finally {
      await restored.close();
    }
  });
});

describe('replay events --follow', () => {
  it('adds what happens later, lets no other process export, and ends at SIGTERM with nothing lost', async () => {
    const child = harness.start([...BY_DAY, '--out', 'followed', '--follow', '--every', 'PT1S']);
    let out = '';
    child.stdout!.on('data', (text) => (out += String(text)));
    const ended = once(child, 'close');
    const exported = async () => (await readPosition('followed'))?.events ?? 0;
    await until(async () => (await exported()) > 0, 60_000, 'the first commit');
    const before = await exported();
    await harness.append('followed', history('followed', 7));
    await until(async () => (await exported()) === before + 7, 60_000, 'the new events');

    expect(await harness.replay([...BY_DAY, '--out', 'followed'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        new RegExp(`^replay: another process \\(${child.pid}\\) exports to .*followed: `),
      ),
    });
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ events: before + 7, directory: pathOf('followed') });
    await expectEveryEventOnce('followed');
  });

  it('goes on when the event store was away', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'event-store-'));
    let server = await startEventStoreProcess({ dataDir });
    const { url } = server.addresses;
    const append = async (accountId: string) => {
      const client = connectEventStore(url);
      const events = history(accountId, 3).map((event, index) => encodeEvent(event, index));
      await client.appendToStream(streamOf(accountId), events);
      await closeEventStore(client);
    };
    await append('before');
    const env = { EVENTSTORE_URL: url };
    const child = harness.start([...BY_DAY, '--out', 'away', '--follow', '--every', 'PT1S'], env);
    try {
      let err = '';
      child.stderr!.on('data', (text) => (err += String(text)));
      const exported = async () => (await readPosition('away'))?.events;
      await until(async () => (await exported()) === 3, 60_000, 'the first commit');
      await server.kill();
      await until(
        () => err.includes('trying again'),
        60_000,
        () => `a failed attempt: ${err}`,
      );
      expect(err).toMatch(/^replay: .*event store.*; trying again in 1 s$/m);
      server = await startEventStoreProcess({ dataDir, port: Number(/:(\d+)/.exec(url)![1]) });
      await append('after');
      await until(
        async () => (await exported()) === 6,
        60_000,
        () => `the new events: ${err}`,
      );
      child.kill('SIGTERM');
      expect((await once(child, 'exit'))[0]).toBe(0);
    } finally {
      child.kill('SIGKILL');
      await server.stop();
      await rm(dataDir, { recursive: true });
    }
  });

  it('commits what it has read if SIGTERM comes while it reads, and the next run adds the rest', async () => {
    const child = harness.start([
      ...BY_DAY,
      '--out',
      'stopped',
      '--follow',
      '--every',
      NEVER,
      '--roll',
      '100',
    ]);
    const ended = once(child, 'close');
    await until(async () => ((await readPosition('stopped'))?.events ?? 0) > 0, 60_000, 'a commit', 1);
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    await harness.replay([...BY_DAY, '--out', 'stopped']);
    await expectEveryEventOnce('stopped');
  });
});

describe('docs/analysts.md', () => {
  const section = readDocument(ANALYSTS_FILE).split('### A directory that grows with the log\n')[1]!;
  const text = section.split('\n### ')[0]!;
  const blocks = [...text.matchAll(/```sql\n([^`]+)```/g)].map(([, sql]) => sql!);
  const command = /^npm run replay -- (.+)$/m.exec(text)![1]!.split(' ');

  it('quotes a command, a query and a recipe that loads each event once', async () => {
    expect(await harness.replay(command)).toMatchObject({ code: 0 });
    const [query, recipe, metadata] = blocks.map((sql) =>
      sql.replaceAll("'events/", `'${pathOf('events')}/`),
    );
    const warehouse = await DuckDBInstance.create(':memory:');
    const connection = await warehouse.connect();
    const loaded = async () => {
      await connection.run(recipe!);
      const [row] = (
        await connection.runAndReadAll('SELECT count(*)::INT, count(DISTINCT position)::INT FROM events')
      ).getRows();
      return row;
    };
    const { events } = (await readPosition('events'))!;
    expect(await loaded()).toEqual([events, events]);
    expect(await loaded()).toEqual([events, events]);
    await harness.append('warehouse', history('warehouse', 4));
    await harness.replay(command);
    // The files of a commit that is not yet complete, as the position file says, are left for the next load.
    const file = join(pathOf('events'), '_export.json');
    const complete = await readFile(file, 'utf8');
    await writeFile(file, JSON.stringify({ position: '0' }));
    expect(await loaded()).toEqual([events, events]);
    await writeFile(file, complete);
    expect(await loaded()).toEqual([events + 4, events + 4]);
    expect((await connection.runAndReadAll(query!)).columnNames()).toEqual(['day', 'sent']);
    const { files } = JSON.parse(complete) as { files: number };
    expect((await connection.runAndReadAll(metadata!)).getRows()).toHaveLength(files);
    connection.closeSync();
    warehouse.closeSync();
  });
});
