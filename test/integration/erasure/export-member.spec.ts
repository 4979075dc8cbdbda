import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthorTextOpener, AuthorTextSealer, parseWrappingKeys } from '#libs/author-keys';
import {
  AccountRepository,
  closeEventStore,
  connectEventStore,
  decodeEvent,
  readAccountStream,
  type EventStoreDBClient,
} from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { MEMBER_TABLES } from '#libs/member-data';
import { createPool, type Pool } from '#libs/platform';
import { applyRows } from '#libs/projection';
import { readModelMigrations } from '#libs/read-models';
import { notificationMigrations } from '../../../apps/notification/src/database/schema.js';
import { EXPORT_PLAN } from '../../../apps/projector/src/export/export-plan.js';
import { renderExport } from '../../../apps/projector/src/export/export-page.js';
import { exportMember, type MemberExport } from '../../../apps/projector/src/export/member-export.js';
import { READ_MODELS } from '../../../apps/replay/src/verify/verify-read-models.js';
import { openTestEventStore, type TestEventStore } from '../../support/event-store.js';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';
import { runTool } from '../../support/run-tool.js';
import {
  accepted,
  declined,
  expired,
  ignored,
  minute,
  reminded,
  replied,
  restored,
  restricted,
  sent,
} from '../../support/story.js';
import { SILENT } from '../support/consumer-harness.js';
import { ofAccount } from '../support/projection-harness.js';
import { insertRowsOfTwo } from './rows-of-members.js';

const TEXT_KEYS = `t1:${randomBytes(32).toString('base64url')}`;
const KEYS = parseWrappingKeys(TEXT_KEYS);
const AT = '2026-02-01T00:00:00.000Z';

let postgres: TestPostgres;
let eventStore: TestEventStore;
let pool: Pool;
let client: EventStoreDBClient;
let folder: string;

beforeAll(async () => {
  [postgres, eventStore] = await Promise.all([
    openTestPostgres(readModelMigrations, notificationMigrations),
    openTestEventStore(),
  ]);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  client = connectEventStore(eventStore.url);
  folder = await mkdtemp(join(tmpdir(), 'export-'));
});
afterAll(async () => {
  await pool.end();
  await closeEventStore(client);
  await Promise.all([postgres.stop(), eventStore.stop()]);
  await rm(folder, { recursive: true });
});

const exported = (memberId: string) => exportMember({ pool, client, keys: KEYS }, memberId, AT);

/** Appends a history with encrypted texts to an account, and projects it with the production code. */
async function happen(account: string, history: readonly InvitationEvent[]): Promise<void> {
  const repository = new AccountRepository(
    client,
    undefined,
    undefined,
    undefined,
    new AuthorTextSealer(pool, KEYS),
  );
  await repository.append(
    account,
    undefined,
    history.map((event) => ofAccount(event, account)),
  );
  const raws = await new AuthorTextOpener(KEYS).open(pool, (await readAccountStream(client, account))!);
  for (const { projection, toEvent } of READ_MODELS) {
    await applyRows(
      pool,
      projection,
      1,
      raws.map((raw) => toEvent(raw, decodeEvent(raw).event)),
    );
  }
}

/** The export of an inviter and its page, without the inviter's own id. */
async function seenBy(account: string): Promise<{ json: string; html: string }> {
  const own = await exported(account);
  return {
    json: JSON.stringify(own).replaceAll(account, 'INVITER'),
    html: renderExport(own).replaceAll(account, 'INVITER'),
  };
}

describe('the plan of an export', () => {
  it('says of every table that holds data of members what a member gets of it, or why nothing', () => {
    expect(Object.keys(EXPORT_PLAN).toSorted()).toEqual(MEMBER_TABLES.map(({ name }) => name).toSorted());
    const unexplained = Object.entries(EXPORT_PLAN).filter(
      ([, plan]) => !('section' in plan) && plan.why.trim().length < 10,
    );
    expect(unexplained).toEqual([]);
  });

  it('names columns that the tables have, and gives a member rows of each exported table', async () => {
    await insertRowsOfTwo(pool, 'nora', 'otto');
    await pool.query(
      `UPDATE notification.deliveries SET state = 'sent' WHERE recipient_id IN ('nora', 'otto')`,
    );
    const own = await exported('nora');
    for (const [table, plan] of Object.entries(EXPORT_PLAN)) {
      if ('why' in plan) continue;
      const rows = own[plan.section] ?? [];
      expect([table, rows.length > 0]).toEqual([table, true]);
      const { rows: known } = await pool.query<{ column: string }>(
        `SELECT attname AS column FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0`,
        [table],
      );
      expect(known.map(({ column }) => column)).toEqual(expect.arrayContaining([...plan.columns]));
    }
    expect(own.replies).toMatchObject([{ inviter_id: 'otto', reply: 'reply by nora' }]);
    expect(JSON.stringify(own)).not.toContain('Name of otto');
  });
});

describe('the export of an inviter', () => {
  const before = [sent(1, { message: 'Hello' }), reminded(2, 1, minute(60))];
  const after = [sent(30, { recipientId: 'chiara', message: 'Hi' })];
  const SILENT_RESPONSES: Record<string, readonly InvitationEvent[]> = {
    'has ignored': [ignored(3)],
    'has ignored and restored': [ignored(3), restored(4)],
    'has ignored and declined': [ignored(3), declined(4)],
  };

  it.each(Object.entries(SILENT_RESPONSES))(
    'is the same byte by byte whether the recipient %s the invitation or done nothing (R20, R29, R30, D1)',
    async (what, response) => {
      const [untouched, touched] = [`a-${what.replaceAll(' ', '-')}`, `b-${what.replaceAll(' ', '-')}`];
      // Only an untouched invitation is reminded of again.
      await happen(untouched, [...before, reminded(5, 2, minute(60)), ...after]);
      await happen(touched, [...before, ...response, ...after]);
      expect(await seenBy(touched)).toEqual(await seenBy(untouched));
      expect((await seenBy(touched)).json).toContain('Hello');
    },
  );

  it('is the same after a reply and after an expiry, whatever the recipient did in silence (D17, D22)', async () => {
    const histories = [
      [...before, replied(10), expired(50)],
      [...before, ignored(3), replied(10), expired(50)],
      [...before, replied(10), ignored(11), declined(12), expired(50)],
    ];
    const seen = [];
    for (const [n, history] of histories.entries()) {
      await happen(`x-${n}`, history);
      seen.push(await seenBy(`x-${n}`));
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    expect(JSON.parse(seen[0]!.json)).toMatchObject({
      sentInvitations: [{ status: 'expired', reply: 'Who are you?' }],
    });
  });

  it('says that the account is restricted, and not since when (R29)', async () => {
    await happen('y-1', [...before, restricted(20)]);
    const own = await exported('y-1');
    expect(own.restriction).toEqual([{ restricted: true }]);
    expect(JSON.stringify(own)).not.toContain(minute(20));
  });

  it('has the texts and the history of the account, with nothing that the inviter cannot know', async () => {
    await happen('z-1', [sent(1, { message: 'Hello 🙂' }), replied(2, 'Who?'), accepted(3)]);
    const own = await exported('z-1');
    expect(own.events).toMatchObject([
      { event: 'InvitationSent', at: minute(1), message: 'Hello 🙂' },
      { event: 'InvitationReplied', at: minute(2), message: 'Who?' },
      { event: 'InvitationAccepted', at: minute(3) },
    ]);
    expect(own.connections).toMatchObject([{ other_id: 'bilal' }]);
  });
});

describe('npm run tool -- export-member', () => {
  const env = () => ({ DATABASE_URL: postgres.url, EVENTSTORE_URL: eventStore.url, TEXT_KEYS });
  const run = (...args: string[]) =>
    runTool('projector/src/export-member.main.js', args, { env: env(), cwd: folder });

  beforeAll(async () => {
    await happen('w-1', [sent(1, { message: '<script>alert("مرحبا")</script>' })]);
  });

  it('prints JSON, or writes it or a page to a new file that only its user can read', async () => {
    const printed = await run('w-1');
    expect(printed).toMatchObject({ code: 0, err: '' });
    const own = JSON.parse(printed.out) as MemberExport;
    expect(own.events).toMatchObject([{ message: '<script>alert("مرحبا")</script>' }]);
    expect(await run('w-1', '--out', 'w.json')).toEqual({ code: 0, out: '', err: 'wrote w.json\n' });
    const file = JSON.parse(await readFile(join(folder, 'w.json'), 'utf8')) as MemberExport;
    expect({ ...file, exportedAt: '' }).toEqual({ ...own, exportedAt: '' });
    expect((await stat(join(folder, 'w.json'))).mode & 0o777).toBe(0o600);
    expect((await run('w-1', '--out', 'w.html')).code).toBe(0);
    const page = await readFile(join(folder, 'w.html'), 'utf8');
    expect(page).toContain('&lt;script&gt;alert(&quot;مرحبا&quot;)&lt;/script&gt;');
    expect(page).not.toMatch(/<script|(src|href)=/);
    expect(await run('w-1', '--out', 'w.json')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^export-member: .*exist/),
    });
  });

  it('exports nothing of a member who has nothing', async () => {
    const own = JSON.parse((await run('nobody')).out) as MemberExport;
    expect(Object.values(own).flat()).toEqual(['nobody', own.exportedAt]);
  });

  it('exits with 1 if a text cannot be decrypted, with 2 for wrong usage, and has a help', async () => {
    const other = { ...env(), TEXT_KEYS: `t2:${randomBytes(32).toString('base64url')}` };
    const failed = await runTool('projector/src/export-member.main.js', ['w-1'], { env: other });
    expect(failed).toMatchObject({ code: 1, out: '', err: expect.stringContaining('TEXT_KEYS') });
    expect((await run('w 1')).code).toBe(2);
    expect((await run('w-1', '--out', 'w.txt')).code).toBe(2);
    expect(await run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('--out amal.html') });
  });
});
