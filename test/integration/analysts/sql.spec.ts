import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { evolve, initialState, type Account, type InvitationEvent } from '#libs/invitation';
import { UnreadableEvents } from '../../../apps/replay/src/log/log-reader.js';
import { Database, DEFAULT_MEMORY } from '../../../apps/replay/src/sql/database.js';
import {
  accepted,
  AMAL,
  declined,
  expired,
  id,
  ignored,
  INVITATION,
  minute,
  replied,
  restored,
  sent,
} from '../../support/story.js';
import { databaseOf, printed, rowsOf } from './database.js';
import { toRawEvents } from './raw-events.js';
import { sampleLog } from './sample.js';
import type { LogEntry } from './what-if.js';

interface Row {
  invitation_id: string;
  status: string;
  reminders: number;
  sent_at: string;
  hours_to_answer: number | null;
  first_answer: string | null;
  accepted_via: string | null;
}

const ANSWERS: Partial<Record<string, string>> = {
  InvitationAccepted: 'accepted',
  InvitationReplied: 'replied',
  InvitationIgnored: 'ignored',
};

describe('the tables of replay sql', () => {
  const log: readonly LogEntry[] = [...sampleLog({ events: 8_000, seed: 4 })];
  const folder = mkdtempSync(join(tmpdir(), 'replay-sql-'));
  let database: Database;
  beforeAll(async () => void (database = await databaseOf(log)), 120_000);
  afterAll(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('contain every event in the order of the log, with its own time', async () => {
    const rows = await rowsOf<{ type: string; happened_at: string; command_id: string }>(
      database,
      'SELECT type, happened_at, command_id FROM events ORDER BY position',
    );
    expect(rows).toEqual(
      log.map(({ event }) => ({ type: event.type, happened_at: event.at, command_id: event.commandId })),
    );
  });

  it("contain every invitation with the status that the domain's fold gives it", async () => {
    const accounts = new Map<string, Account>();
    for (const { accountId, event } of log)
      accounts.set(accountId, evolve(accounts.get(accountId) ?? initialState(), event));
    const folded = [...accounts.values()].flatMap(({ invitations }) =>
      [...invitations].map(([id, invitation]) => {
        const isReplied = invitation.status === 'ignored' && invitation.replied;
        return `${id} ${isReplied ? 'replied' : invitation.status}`;
      }),
    );
    const rows = await rowsOf<Row>(database, 'SELECT * FROM invitations');
    expect(rows.map((row) => `${row.invitation_id} ${row.status}`).toSorted()).toEqual(folded.toSorted());
    expect(new Set(rows.map(({ status }) => status)).size).toBe(7);
  });

  it('contain the same invitations when all are folded at once', async () => {
    const whole = await Database.open({ memory: DEFAULT_MEMORY });
    await whole.insert(toRawEvents(log), new UnreadableEvents());
    const query = 'FROM invitations ORDER BY position';
    const rows = await rowsOf<{ nth_to_recipient: number }>(whole, query);
    whole.close();
    expect(await rowsOf(database, query)).toEqual(rows);
    expect(Math.max(...rows.map((row) => row.nth_to_recipient))).toBeGreaterThan(1);
  });

  it.each<[string, string, InvitationEvent[]]>([
    ['restored', 'once', [ignored(2), restored(3)]],
    ['ignored', 'and ignored again', [ignored(2), restored(3), ignored(4)]],
    ['restored', 'twice', [ignored(2), restored(3), ignored(4), restored(5)]],
    ['replied', 'after a reply', [replied(2), ignored(3), restored(4)]],
    ['replied', 'before a reply', [ignored(2), restored(3), replied(4)]],
    ['accepted', 'and accepted', [ignored(2), restored(3), accepted(4)]],
    ['declined', 'and declined after another ignore', [ignored(2), restored(3), ignored(4), declined(5)]],
  ])('contain as %s an invitation that was restored %s, like the domain (D20)', async (status, _, later) => {
    const neighbour = sent(1, { invitationId: 'amal.neighbour', recipientId: 'chiara', commandId: id(99) });
    const events = [sent(1), ...later, neighbour];
    const own = await databaseOf(events.map((event) => ({ accountId: AMAL, event })));
    const folded = events.reduce(evolve, initialState()).invitations.get(INVITATION)!;
    expect(folded.status).toBe(status);
    const at = (type: InvitationEvent['type']) => events.find((event) => event.type === type)!.at;
    expect(
      await rowsOf(own, 'SELECT status, ignored_at, restored_at FROM invitations ORDER BY invitation_id'),
    ).toEqual([
      { status, ignored_at: at('InvitationIgnored'), restored_at: at('InvitationRestored') },
      { status: 'untouched', ignored_at: null, restored_at: null },
    ]);
    own.close();
  });

  it('contain expired invitations as expired, with what their recipients had done before (D22)', async () => {
    const responses: InvitationEvent[][] = [
      [],
      [ignored(2)],
      [ignored(2), restored(3)],
      [ignored(2), declined(3)],
      [replied(2)],
    ];
    for (const response of responses) {
      const events = [sent(1), ...response, expired(50)];
      const own = await databaseOf(events.map((event) => ({ accountId: AMAL, event })));
      const state = events.reduce(evolve, initialState());
      expect([...state.invitations.values()].map(({ status }) => status)).toEqual(['expired']);
      const query =
        'SELECT status, expired_at, first_answer, ignored_at, declined_at, replied_at FROM invitations';
      const has = (type: InvitationEvent['type']) => events.find((event) => event.type === type)?.at ?? null;
      expect(await rowsOf(own, query)).toEqual([
        {
          status: 'expired',
          expired_at: minute(50),
          first_answer: has('InvitationReplied') ? 'replied' : has('InvitationIgnored') && 'ignored',
          ignored_at: has('InvitationIgnored'),
          declined_at: has('InvitationDeclined'),
          replied_at: has('InvitationReplied'),
        },
      ]);
      own.close();
    }
  });

  it('contain the first answer, its delay, its channel and the number of reminders before it', async () => {
    const rows = await rowsOf<Row>(database, 'SELECT * FROM invitations');
    for (const row of rows) {
      const own = log
        .map(({ event }) => event)
        .filter((event) => 'invitationId' in event && event.invitationId === row.invitation_id);
      const answer = own.find(({ type }) => ANSWERS[type] !== undefined);
      const accepted = own.find((event) => event.type === 'InvitationAccepted');
      expect(row.first_answer).toBe(answer === undefined ? null : ANSWERS[answer.type]!);
      expect(row.accepted_via).toBe(accepted?.via ?? null);
      expect(row.reminders).toBe(own.filter(({ type }) => type === 'InvitationReminderDue').length);
      const hours = answer && (Date.parse(answer.at) - Date.parse(row.sent_at)) / 3_600_000;
      expect(row.hours_to_answer?.toFixed(6)).toBe(hours?.toFixed(6));
    }
  });

  it.each([
    `SELECT * FROM read_text('FOLDER/secret.txt')`,
    `SELECT * FROM read_csv('FOLDER/secret.txt')`,
    `SELECT * FROM 'FOLDER/secret.csv'`,
    `SELECT * FROM glob('FOLDER/*')`,
    `COPY events TO 'FOLDER/out.csv'`,
    `EXPORT DATABASE 'FOLDER/out'`,
    `ATTACH 'FOLDER/out.db' AS other`,
    `INSTALL httpfs`,
    `LOAD 'FOLDER/evil.duckdb_extension'`,
    `SET enable_external_access = true`,
    `SET memory_limit = '100GB'`,
    `SET temp_directory = 'FOLDER/out'`,
    `SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')`,
  ])('cannot read or write files or the network: %s', async (query) => {
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    writeFileSync(join(folder, 'secret.csv'), 'secret');
    await expect(printed(database, query.replaceAll('FOLDER', folder))).rejects.toThrow(
      /disabled|locked|not allowed|file system operations|cannot be changed|Permission/i,
    );
    for (const name of ['out', 'out.csv', 'out.db']) expect(existsSync(join(folder, name))).toBe(false);
  });

  describe('in little memory', () => {
    const temporary = join(folder, 'temporary');
    const { TMPDIR } = process.env;
    let small: Database;
    beforeAll(async () => {
      mkdirSync(temporary);
      process.env['TMPDIR'] = temporary;
      small = await Database.open({ memory: '64MB' });
    });
    afterAll(() => {
      if (TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = TMPDIR;
    });

    it('are in a temporary file that has no name any more, with few threads and the memory limit', async () => {
      const [settings] = await rowsOf<Record<string, string>>(
        small,
        `SELECT (SELECT path FROM duckdb_databases() WHERE database_name = current_database()) AS file,
           current_setting('memory_limit') AS memory, current_setting('threads')::VARCHAR AS threads,
           current_setting('temp_directory') AS spill`,
      );
      const [own] = readdirSync(temporary);
      expect(settings).toEqual({
        file: join(temporary, own!, 'tables.duckdb'),
        memory: '61.0 MiB',
        threads: '2',
        spill: join(temporary, own!, 'spill'),
      });
      expect(existsSync(settings!['file']!)).toBe(false);
    });

    it('write what exceeds the memory limit to a file, and leave nothing', async () => {
      const count = 'SELECT count(DISTINCT md5(range::VARCHAR)) AS n FROM range(3000000)';
      expect(await rowsOf(small, count)).toEqual([{ n: 3_000_000 }]);
      await expect(
        printed(small, 'SELECT length(list(md5(range::VARCHAR))) FROM range(3000000)'),
      ).rejects.toThrow(/Out of Memory/i);
      small.close();
      expect(readdirSync(temporary)).toEqual([]);
    });
  });
});

describe('the output of a query', () => {
  let database: Database;
  beforeAll(async () => void (database = await databaseOf([])));
  afterAll(() => database.close());

  const QUERY = `SELECT 1 AS n, 'a "quoted", text' AS text, TIMESTAMPTZ '2026-01-05 09:00:00.5Z' AS said, NULL AS nothing
                 UNION ALL SELECT 20, 'b', NULL, NULL ORDER BY n`;

  it('is a table with numbers aligned right', async () => {
    expect(await printed(database, QUERY)).toBe(
      [
        ' n  text              said                      nothing',
        '--  ----------------  ------------------------  -------',
        ' 1  a "quoted", text  2026-01-05T09:00:00.500Z',
        '20  b',
        '',
      ].join('\n'),
    );
  });

  it('is JSON with numbers as numbers', async () => {
    expect(JSON.parse(await printed(database, QUERY, 'json'))).toEqual([
      { n: 1, text: 'a "quoted", text', said: '2026-01-05T09:00:00.500Z', nothing: null },
      { n: 20, text: 'b', said: null, nothing: null },
    ]);
    expect(
      JSON.parse(
        await printed(database, 'SELECT count(*) AS n, avg(1.5) AS mean, [1, 2] AS list FROM events', 'json'),
      ),
    ).toEqual([{ n: 0, mean: null, list: [1, 2] }]);
    expect(JSON.parse(await printed(database, 'SELECT * FROM events', 'json'))).toEqual([]);
  });

  it('is CSV by RFC 4180', async () => {
    expect(await printed(database, QUERY, 'csv')).toBe(
      'n,text,said,nothing\n1,"a ""quoted"", text",2026-01-05T09:00:00.500Z,\n20,b,,\n',
    );
  });

  it('is one line with the position of the error for a wrong query', async () => {
    await expect(printed(database, 'SELECT nothing FROM nowhere')).rejects.toThrow(/nowhere/);
  });
});
