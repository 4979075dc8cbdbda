import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeEvent, encodeEvent, sliceOf, streamOf } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { createPool, type Pool } from '#libs/platform';
import { applyRows, ensureProjection } from '#libs/projection';
import { readModelMigrations } from '#libs/read-models';
import { LogReader } from '../../../apps/replay/src/log/log-reader.js';
import { withSnapshot } from '../../../apps/replay/src/verify/read-model-snapshot.js';
import { READ_MODELS, verifyReadModels } from '../../../apps/replay/src/verify/verify-read-models.js';
import { SILENT } from '../support/consumer-harness.js';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';
import {
  accepted,
  accountClosed,
  closed,
  declined,
  ended,
  expired,
  id,
  ignored,
  lifted,
  minute,
  reminded,
  restricted,
  sent,
} from '../../support/story.js';
import { ReplayHarness } from './support/replay-harness.js';

jest.setTimeout(300_000);

const ACCOUNTS = 40;
const log = new LogReader();
let harness: ReplayHarness;
let postgres: TestPostgres;
let pool: Pool;
/** A user that may only read the read models. */
let reader: string;

beforeAll(async () => {
  [harness, postgres] = await Promise.all([ReplayHarness.open(), openTestPostgres(readModelMigrations)]);
  process.env['EVENTSTORE_URL'] = harness.url;
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  await pool.query(
    `CREATE ROLE replay_reader LOGIN PASSWORD 'reads';
     GRANT USAGE ON SCHEMA read_models TO replay_reader;
     GRANT SELECT ON ALL TABLES IN SCHEMA read_models TO replay_reader`,
  );
  const url = new URL(postgres.url);
  url.username = 'replay_reader';
  url.password = 'reads';
  reader = url.href;
  for (let n = 0; n < ACCOUNTS; n += 1) await harness.append(`member-${n}`, historyOf(`member-${n}`, n));
  for (const readModel of READ_MODELS) await project(readModel);
});
afterAll(async () => {
  await log.close();
  await pool.end();
  await postgres.stop();
  await harness.close();
});

/** Fills the read models with the production code. Every second slice is only half-way through the log. */
async function project({ projection, toEvent }: (typeof READ_MODELS)[number]): Promise<void> {
  await ensureProjection(pool, projection.name);
  const all = [];
  for await (const batch of log.readBatches()) all.push(...batch);
  const half = all[Math.floor(all.length / 2)]!.position.commit;
  const handled = all.filter(({ slice, position }) => slice % 2 === 0 || position.commit <= half);
  await applyRows(
    pool,
    projection,
    1,
    handled.map((raw) => toEvent(raw, decodeEvent(raw).event)),
  );
  await pool.query(
    `UPDATE read_models.slices SET commit_position = p, prepare_position = p
     FROM (SELECT s, CASE WHEN s % 2 = 0 THEN $2::numeric ELSE $3::numeric END AS p FROM generate_series(0, 63) AS s) AS at
     WHERE projection = $1 AND slice = s`,
    [projection.name, String(all.at(-1)!.position.commit), String(half)],
  );
}

interface Told {
  readonly projection: string;
  readonly rows: number;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  readonly sample: readonly { kind: string; key: string; columns: string[]; live?: object }[];
}

async function told(...args: string[]) {
  const { code, out, err } = await harness.replay(['verify', ...args, '--json'], { DATABASE_URL: reader });
  return { code, err, all: (out === '' ? [] : JSON.parse(out)) as Told[] };
}

/** Returns everything that is in the database. */
async function everything(): Promise<string> {
  const { rows } = await pool.query<{ sum: string }>(
    `SELECT string_agg(md5(query_to_xml('SELECT * FROM ' || c.oid::regclass || ' AS t ORDER BY t::text', true, true, '')::text), ' ' ORDER BY c.oid) AS sum
     FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'read_models'::regnamespace`,
  );
  return rows[0]!.sum;
}

describe('docs/replay.md', () => {
  const text = readFileSync(new URL('../../../docs/replay.md', import.meta.url), 'utf8');
  const commands = [...text.matchAll(/^npm run replay -- (.+)$/gm)].map(([, line]) => line!);

  it.each(commands)('quotes commands that work: %s', async (line) => {
    const env = { DATABASE_URL: reader, REPLAY_PSEUDONYM_KEY: 'k'.repeat(32) };
    expect(await harness.replay(line.split(' '), env)).toMatchObject({ code: 0, err: '' });
  });
});

describe('replay verify', () => {
  it('finds no difference where every slice equals the fold of the log at its checkpoint, and writes nothing', async () => {
    const before = await everything();
    const { code, err, all } = await told();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(all.map(({ projection }) => projection)).toEqual(
      READ_MODELS.map(({ projection }) => projection.name),
    );
    for (const one of all) {
      expect(one).toMatchObject({ missing: 0, extra: 0, different: 0, sample: [] });
      expect(one.rows).toBeGreaterThan(0);
    }
    expect(await everything()).toBe(before);
  });

  it('finds the same in parts when there are more rows than fit into memory', async () => {
    const verdicts = (held: number) =>
      withSnapshot({ url: reader }, (snapshot) =>
        verifyReadModels(log, snapshot, READ_MODELS, undefined, held),
      );
    expect(await verdicts(7)).toEqual(await verdicts(1_000_000));
  });

  it('reports missing, extra and different rows by their keys and columns', async () => {
    const { rows } = await pool.query<{ key: string }>(
      'SELECT invitation_id AS key FROM read_models.inbox_g1 ORDER BY 1 LIMIT 2',
    );
    const [lost, changed] = rows.map(({ key }) => key) as [string, string];
    const made = `member-1.${id(77)}`;
    await pool.query('DELETE FROM read_models.inbox_g1 WHERE invitation_id = $1', [lost]);
    await pool.query(
      "UPDATE read_models.inbox_g1 SET message = 'forged', sent_at = now() WHERE invitation_id = $1",
      [changed],
    );
    await pool.query("INSERT INTO read_models.inbox_g1 VALUES ($1, 'member-1', 'bilal', NULL, now())", [
      made,
    ]);
    const { code, err, all } = await told('inbox', 'sent');
    expect(code).toBe(1);
    expect(err).toBe('replay: not what the log comes to: inbox\n');
    const [inbox, sentList] = all;
    expect(sentList).toMatchObject({ projection: 'sent', missing: 0, extra: 0, different: 0 });
    expect(inbox).toMatchObject({ missing: 1, extra: 1, different: 1 });
    expect(inbox!.sample.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
      { kind: 'different', key: changed, columns: ['message', 'sent_at'] },
      { kind: 'extra', key: made, columns: [] },
      { kind: 'missing', key: lost, columns: [] },
    ]);
    const text = await harness.replay(['verify', 'inbox'], { DATABASE_URL: reader });
    expect(text.out).toContain(`different  ${changed}: message, sent_at`);
    expect(text.out).not.toContain('forged');
    const shown = await harness.replay(['verify', 'inbox', '--show-values'], { DATABASE_URL: reader });
    expect(shown.out).toContain('message is forged, by the log');
  });

  it('reports an expired invitation that is still open in a list (D22)', async () => {
    const expiredId = `member-4.${id(20)}`;
    const setStatus = (status: string) =>
      pool.query(
        'UPDATE read_models.sent_g1 AS s SET status = $2 FROM read_models.sent_g1 AS was WHERE s.invitation_id = $1 AND was.invitation_id = $1 RETURNING was.status',
        [expiredId, status],
      );
    expect((await setStatus('pending')).rows).toEqual([{ status: 'expired' }]);
    expect(await told('sent')).toMatchObject({
      code: 1,
      all: [
        {
          missing: 0,
          extra: 0,
          different: 1,
          sample: [{ kind: 'different', key: expiredId, columns: ['status'] }],
        },
      ],
    });
    await setStatus('expired');
    expect((await told('sent')).code).toBe(0);
  });

  it('reports a head and an entry of an account that differ from its stream', async () => {
    const { all: before } = await told('account-state');
    expect(before).toMatchObject([{ missing: 0, extra: 0, different: 0 }]);
    await pool.query(
      `UPDATE read_models.account_state_g1 SET state = jsonb_set(state, '{sent}', '99') WHERE key = 'member-2';
       DELETE FROM read_models.account_state_g1 WHERE key = 'member-2 r bilal'`,
    );
    const { code, all } = await told('account-state');
    expect(code).toBe(1);
    expect(all).toMatchObject([{ projection: 'account-state', missing: 1, extra: 0, different: 1 }]);
    expect(all[0]!.sample.map(({ kind, key, columns }) => [kind, key, columns])).toEqual(
      expect.arrayContaining([
        ['different', 'member-2', ['state']],
        ['missing', 'member-2 r bilal', []],
      ]),
    );
  });

  it('compares a parked account up to its parked event', async () => {
    const parked = 'member-3';
    const own = [];
    for await (const batch of log.readBatches({ account: parked })) own.push(...batch);
    const stuck = own[1]!.position.commit;
    await pool.query(
      "INSERT INTO read_models.parked_accounts (projection, generation, account_id, slice, error) VALUES ('sent', 1, $1, $2, 'x')",
      [parked, own[0]!.slice],
    );
    await pool.query("INSERT INTO read_models.parked_events VALUES ('sent', 1, $1, $2, $2, '{}')", [
      parked,
      String(stuck),
    ]);
    await pool.query('DELETE FROM read_models.sent_g1 WHERE inviter_id = $1', [parked]);
    await applyRows(pool, READ_MODELS.find(({ projection }) => projection.name === 'sent')!.projection, 1, [
      decodeEvent(own[0]!).event,
    ]);
    expect(await told('sent')).toMatchObject({
      code: 0,
      all: [{ parked: [parked], missing: 0, extra: 0, different: 0 }],
    });
  });

  it('reports an event that a stream contains twice', async () => {
    const accountId = 'twice';
    const event = { ...lifted(9), accountId } as InvitationEvent;
    const stream = streamOf(accountId);
    await harness.client.appendToStream(stream, [encodeEvent(event, 0), encodeEvent(event, 1)]);
    await harness.client.appendToStream(stream, [encodeEvent(event, 0)], { expectedRevision: 1n });
    const end = (await log.readEnd())!.commit;
    await pool.query(
      "UPDATE read_models.slices SET commit_position = $1, prepare_position = $1 WHERE projection = 'sent' AND slice = $2",
      [String(end), Number.parseInt(sliceOf(accountId), 16)],
    );
    const { code, err, all } = await told('sent');
    const { id: eventId } = encodeEvent(event, 0);
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringMatching(/^replay: 1 event is stored more than once.*\n$/),
    });
    expect(all).toMatchObject([
      {
        missing: 0,
        extra: 0,
        different: 0,
        duplicateEvents: [
          { accountId, id: eventId, type: 'AccountRestrictionLifted', revisions: ['0', '2'] },
        ],
      },
    ]);
    const text = await harness.replay(['verify', 'sent'], { DATABASE_URL: reader });
    expect(text.out).toContain(`  ${accountId}: AccountRestrictionLifted ${eventId} at 0, 2\n`);
  });

  it('exits with 2 for wrong usage, and with 1 for an unreachable database', async () => {
    expect((await told('outbox')).code).toBe(2);
    const away = await harness.replay(['verify'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    expect(away).toMatchObject({ code: 1, out: '' });
    expect(away.err).toMatch(/^replay: .+\n$/);
  });
});

/** Events that cause every kind of row. */
function historyOf(inviterId: string, n: number): InvitationEvent[] {
  const to = (event: InvitationEvent, k: number, recipientId = `recipient-${n}`) =>
    ({ ...event, inviterId, recipientId, invitationId: `${inviterId}.${id(k)}` }) as InvitationEvent;
  const own = (event: InvitationEvent) => ({ ...event, accountId: inviterId }) as InvitationEvent;
  const events = [
    to(sent(1, { message: 'Hello' }), 1),
    to(reminded(2, 1, minute(20)), 1),
    to(ignored(3), 1),
    to(sent(4), 4, 'bilal'),
    to(n % 2 === 0 ? accepted(5) : declined(5), 4, 'bilal'),
    to(sent(6), 6, 'chiara'),
    to(sent(7, { supersedes: `${inviterId}.${id(6)}` }), 7, 'chiara'),
    to(sent(20), 20, 'dalia'),
    ...(n % 2 === 0 ? [to(ignored(21), 20, 'dalia')] : []),
    to(expired(22), 20, 'dalia'),
    own(restricted(8)),
  ];
  // Some have left: their open invitation and their connection ended (D23).
  const left = [
    own(accountClosed(30)),
    to(closed(31), 7, 'chiara'),
    ...(n % 2 === 0 ? [own({ ...ended(32, inviterId), memberId: 'bilal' } as InvitationEvent)] : []),
  ];
  return [...events, ...(n % 3 === 0 ? [own(lifted(9))] : []), ...(n % 5 === 4 ? left : [])];
}
