import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { binaryEvent, jsonEvent } from '@eventstore/db-client';
import { decodeEvent, streamOf, type RawEvent } from '#libs/event-store';
import { createPool, type Pool } from '#libs/platform';
import { applyRows, ensureProjection } from '#libs/projection';
import { readModelMigrations } from '#libs/read-models';
import { LogReader } from '../../../apps/replay/src/log/log-reader.js';
import { READ_MODELS } from '../../../apps/replay/src/verify/verify-read-models.js';
import { SILENT } from '../support/consumer-harness.js';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';
import { accepted, id, minute, sent } from '../../support/story.js';
import { ReplayHarness } from './support/replay-harness.js';

jest.setTimeout(120_000);

const KEY = { REPLAY_PSEUDONYM_KEY: 'a secret that nobody could guess: 4711' };

const own = (inviterId: string, n: number) =>
  sent(n, { inviterId, invitationId: `${inviterId}.${id(n)}`, recipientId: 'bilal' });
const accepting = (inviterId: string, n: number, of: number) => ({
  ...accepted(n),
  inviterId,
  invitationId: `${inviterId}.${id(of)}`,
  recipientId: 'bilal',
});

/** Events that this version cannot read: in the middle of amal's stream, and all of chiara's. */
const UNREADABLE = 5;
const READABLE = 4;
const metadata = { commandId: id(50), schemaVersion: 1 };

let harness: ReplayHarness;
let postgres: TestPostgres;
let pool: Pool;

beforeAll(async () => {
  [harness, postgres] = await Promise.all([ReplayHarness.open(), openTestPostgres(readModelMigrations)]);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  await harness.append('amal', [own('amal', 1)]);
  await harness.client.appendToStream(
    streamOf('amal'),
    jsonEvent({ type: 'InvitationPraised', data: { at: minute(2), text: 'a secret text' }, metadata }),
  );
  await harness.append('amal', [accepting('amal', 3, 1)]);
  await harness.client.appendToStream(streamOf('chiara'), [
    jsonEvent({ type: 'InvitationSent', data: null as never, metadata }),
    jsonEvent({
      type: 'InvitationSent',
      data: { ...own('chiara', 4) },
      metadata: { ...metadata, schemaVersion: 3 },
    }),
    binaryEvent({ type: 'InvitationSent', data: Buffer.from([0xff]), metadata }),
    jsonEvent({
      type: 'InvitationSent',
      data: { ...own('chiara', 5), inviterId: { name: 'a secret text' } },
      metadata: { ...metadata, schemaVersion: { toString: 1 } },
    }),
  ]);
  await harness.append('nadia', [own('nadia', 6), accepting('nadia', 7, 6)]);
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
  await harness.close();
});

const expectTold = ({ code, err }: { code: number | null; err: string }, count = UNREADABLE) => {
  expect(code).toBe(0);
  expect(err).toMatch(new RegExp(`^replay: this version cannot read ${count} events? of the log`));
  expect(err).not.toContain('secret');
};

describe('replay with unreadable events in the log', () => {
  it('skips them in events, counts them and prints their positions', async () => {
    const ended = await harness.replay(['events']);
    expectTold(ended);
    expect(ended.out.trim().split('\n')).toHaveLength(READABLE);
    expect(ended.err).toMatch(
      /^ {2}position \d+: 1@account-[0-3][0-9a-f]-amal: InvitationPraised of version 1 is not known here$/m,
    );
  });

  it('counts only the events that it wrote to a file, in every format', async () => {
    for (const format of ['jsonl', 'csv', 'parquet']) {
      const ended = await harness.replay(['events', '--out', `all.${format}`, '--json']);
      expectTold(ended);
      expect(JSON.parse(ended.out)).toMatchObject({ events: READABLE });
    }
    const csv = await readFile(join(harness.folder, 'all.csv'), 'utf8');
    expect(csv.trim().split('\n')).toHaveLength(READABLE + 1);
  });

  it.each([
    [['--member', 'bilal']],
    [['--invitation', `amal.${id(1)}`]],
    [['--since', '2000-01-01', '--until', '2100-01-01']],
    [['--account', 'chiara']],
    [['--type', 'InvitationSent']],
  ])('selects around them: events %j', async (options) => {
    const { code } = await harness.replay(['events', ...options]);
    expect(code).toBe(0);
  });

  it('writes them as stored, and with --pseudonyms nothing that identifies a member', async () => {
    const raw = await harness.replay(['events', '--raw']);
    expect(raw).toMatchObject({ code: 0, err: '' });
    expect(raw.out.trim().split('\n')).toHaveLength(READABLE + UNREADABLE);
    const disguised = await harness.replay(['events', '--raw', '--pseudonyms'], KEY);
    expect(disguised).toMatchObject({ code: 0, err: '' });
    expect(disguised.out).not.toMatch(/secret|amal|chiara|bilal/);
  });

  it('computes sql and report from the other events, and says so', async () => {
    const counted = await harness.replay(['sql', 'SELECT count(*) AS n FROM events', '--json']);
    expectTold(counted);
    expect(JSON.parse(counted.out)).toEqual([{ n: READABLE }]);
    const report = await harness.replay(['report', '--json']);
    expectTold(report);
    expect(JSON.parse(report.out)).toMatchObject({ whole: [{ events: READABLE, invitations: 2 }] });
    expectTold(await harness.replay(['report', '--out', 'report.html']));
  });

  it('computes as-of and what-if from the other events', async () => {
    const list = await harness.replay(['as-of', '2100-01-01', 'sent', '--member', 'amal', '--json']);
    expectTold(list, 1);
    expect(JSON.parse(list.out)).toMatchObject({
      items: [{ invitation_id: `amal.${id(1)}`, status: 'accepted' }],
    });
    const history = await harness.replay(['what-if', '--limit', '1', '--json']);
    expectTold(history);
    expect(JSON.parse(history.out)).toMatchObject({ events: READABLE });
  });

  it('verifies what it can fold: a parked account up to its parked event, and no other unreadable account', async () => {
    const log = new LogReader();
    process.env['EVENTSTORE_URL'] = harness.url;
    const all: RawEvent[] = [];
    for await (const batch of log.readBatches()) all.push(...batch);
    await log.close();
    const end = String(all.at(-1)!.position.commit);
    const praised = all.find(({ type }) => type === 'InvitationPraised')!;
    const unread = all.find(({ accountId }) => accountId === 'chiara')!;
    for (const { projection, toEvent } of READ_MODELS) {
      await ensureProjection(pool, projection.name);
      // Amal is parked at the event. A version that could read chiara's events has handled them.
      const handled = all.filter(
        ({ accountId, position }) =>
          accountId === 'nadia' || (accountId === 'amal' && position.commit < praised.position.commit),
      );
      await applyRows(pool, projection, 1, [
        ...handled.map((raw) => toEvent(raw, decodeEvent(raw).event)),
        toEvent(unread, own('chiara', 4)),
      ]);
      await pool.query(
        `UPDATE read_models.slices SET commit_position = $2, prepare_position = $2 WHERE projection = $1`,
        [projection.name, end],
      );
      await pool.query(
        `INSERT INTO read_models.parked_accounts (projection, generation, account_id, slice, error)
         VALUES ($1, 1, 'amal', $2, 'a test')`,
        [projection.name, praised.slice],
      );
      await pool.query(
        `INSERT INTO read_models.parked_events
           (projection, generation, account_id, commit_position, prepare_position, event)
         VALUES ($1, 1, 'amal', $2, $2, '{}')`,
        [projection.name, String(praised.position.commit)],
      );
    }
    const ended = await harness.replay(['verify', '--json'], { DATABASE_URL: postgres.url });
    expectTold(ended);
    for (const one of JSON.parse(ended.out) as object[]) {
      expect(one).toMatchObject({
        missing: 0,
        extra: 0,
        different: 0,
        parked: ['amal'],
        unreadable: ['chiara'],
      });
    }
    const text = await harness.replay(['verify', 'sent'], { DATABASE_URL: postgres.url });
    expect(text.out).toContain('1 accounts are not compared: this version cannot read all of their events');
  });
});
