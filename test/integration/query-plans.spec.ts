import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findProjectedAccounts, hasClosedAccount, hasReachedInvitationLimit } from '#libs/account-state';
import { findOutcomes } from '#libs/command-outcomes';
import { createPool, type Pool, type Queryable } from '#libs/platform';
import { findMemberContact, findMemberFacts } from '#libs/profiles';
import {
  countConnectionsInCommon,
  findAccountRestriction,
  findRelatedMember,
  findVisibleProfile,
  findArchive,
  findConnections,
  findInbox,
  findInvitationListState,
  findOpenInvitation,
  findOpenness,
  findConnectedMembers,
  findCounterpart,
  findInboxNews,
  findMemberOverview,
  findNewConnection,
  findRepliedInvitations,
  findEarlierReplies,
  findSent,
  findSentHistory,
  findSentInvitation,
  findSupersedingInvitation,
  readModelMigrations,
} from '#libs/read-models';
import { SILENT } from './support/consumer-harness.js';
import { openTestPostgres, type TestPostgres } from '../support/postgres.js';
import { id } from '../support/story.js';

const MEMBERS = 2_000;
const EACH = 25;

let postgres: TestPostgres;
let pool: Pool;

beforeAll(async () => {
  postgres = await openTestPostgres(readModelMigrations);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  const invitations = `SELECT 'inviter-' || n % ${MEMBERS} || '.' || n, 'inviter-' || n % ${MEMBERS},
      'recipient-' || n / ${EACH}, NULL, timestamptz '2026-01-05' + n * interval '1 minute'`;
  const numbers = `FROM generate_series(0, ${MEMBERS * EACH - 1}) AS n`;
  await pool.query(`
    INSERT INTO read_models.members SELECT 'inviter-' || n, 'Name', '', '', '', true FROM generate_series(0, ${MEMBERS}) n;
    INSERT INTO read_models.removed_members SELECT 'removed-' || n FROM generate_series(0, ${MEMBERS}) n;
    INSERT INTO read_models.inbox ${invitations} ${numbers};
    INSERT INTO read_models.archive ${invitations}, n % 2 = 0, n % 10 = 1 ${numbers};
    INSERT INTO read_models.sent ${invitations}, 'pending' ${numbers};
    INSERT INTO read_models.connections SELECT n::text, 'inviter-' || n % ${MEMBERS}, 'other-' || n,
      timestamptz '2026-01-05' + n * interval '1 minute' ${numbers};
    INSERT INTO read_models.account_restriction SELECT 'inviter-' || n, true, now() ${numbers};
    INSERT INTO read_models.account_state SELECT 'inviter-' || n || kind, n, '{"recipientId": "recipient-0"}'
      FROM generate_series(0, ${MEMBERS * EACH - 1}) n, unnest(ARRAY['', ' r recipient-0', ' i inviter-7.7']) kind;
    INSERT INTO read_models.command_outcomes SELECT gen_random_uuid(), 'amal', NULL, now() ${numbers};
    ANALYZE`);
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

/** Runs a query of the service, and returns the generic plan of its statement. */
async function planOf(ask: (db: Queryable) => Promise<unknown>): Promise<string> {
  let plan = '';
  const query = async ({ text, values }: { text: string; values: unknown[] }) => {
    const connection = await pool.connect();
    try {
      // PostgreSQL uses a generic plan after five runs of a prepared statement.
      await connection.query('SET plan_cache_mode = force_generic_plan');
      await connection.query(`PREPARE asked AS ${text}`);
      const literals = values.map((value) =>
        Array.isArray(value) ? `'{${value.join()}}'` : `'${String(value)}'`,
      );
      const { rows } = await connection.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN EXECUTE asked (${literals.join(', ')})`,
      );
      plan += rows.map((row) => row['QUERY PLAN']).join('\n');
      return await connection.query(text, values);
    } finally {
      connection.release(true);
    }
  };
  await ask({ query } as unknown as Queryable);
  return plan;
}

/** The cursor of a second page. */
const cursor = Buffer.from('2026-01-20T00:00:00.000Z inviter-1.1').toString('base64url');
const page = { limit: 20, cursor };

describe('a query', () => {
  it.each<[string, string, (db: Queryable) => Promise<unknown>]>([
    ['inbox', 'inbox_of_recipient', (db) => findInbox(db, 'recipient-7', page)],
    ['archive', 'archive_of_recipient', (db) => findArchive(db, 'recipient-7', page)],
    ['sent', 'sent_of_inviter', (db) => findSent(db, 'inviter-7', page)],
    ['connections', 'connections_of_member', (db) => findConnections(db, 'inviter-7', page)],
    ['connected members', 'connections_of_member', (db) => findConnectedMembers(db, 'inviter-7', page)],
  ])('for a page of %s walks its index in order', async (what, index, ask) => {
    const plan = await planOf(ask);
    expect(plan).toMatch(new RegExp(`Index (Only )?Scan using ${index} `));
    // The scan starts at the cursor and does not filter all earlier rows.
    expect(plan).toMatch(/Index Cond: .*ROW\(/);
    expect(plan).not.toMatch(/Seq Scan|Sort  /);
    expect(plan.includes('Merge Append')).toBe(what === 'inbox');
    // A page of the inbox is merged from two indexes, and looks up whether a restored invitation is in both (D20).
    const scans = { connections: 1, inbox: 4 }[what] ?? 2;
    expect(plan.match(/Index (Only )?Scan using /g)).toHaveLength(scans);
  });

  it.each<[string, (db: Queryable) => Promise<unknown>]>([
    ['inbox', (db) => findInbox(db, 'recipient-7', { limit: 30 })],
    ['archive', (db) => findArchive(db, 'recipient-7', { limit: 30 })],
    ['sent', (db) => findSent(db, 'inviter-7', { limit: 30 })],
    ['connections', (db) => findConnections(db, 'inviter-7', { limit: 30 })],
  ])('for a page of %s is planned no more once its connection knows it', async (_what, ask) => {
    const connection = await pool.connect();
    try {
      for (let n = 0; n < 20; n += 1) await ask(connection);
      const { rows } = await connection.query<{ generic: string; custom: string }>(
        'SELECT generic_plans AS generic, custom_plans AS custom FROM pg_prepared_statements',
      );
      // PostgreSQL compares five plans for given values with a generic one before it keeps that.
      expect(rows).toEqual([{ generic: '15', custom: '5' }]);
    } finally {
      connection.release(true);
    }
  });

  it.each<[string, (db: Queryable) => Promise<unknown>]>([
    ['an open invitation', (db) => findOpenInvitation(db, 'recipient-0', 'inviter-7.7')],
    ['a restriction', (db) => findAccountRestriction(db, 'inviter-7')],
    ['whether a limit is reached', (db) => hasReachedInvitationLimit(db, 'inviter-7', 3_000)],
    ['whether an account is closed', (db) => hasClosedAccount(db, 'inviter-7')],
    ['a name and an address', (db) => findMemberContact(db, 'inviter-7')],
    ['recipients and actors', (db) => findMemberFacts(db, ['inviter-7'], ['inviter-8'])],
    ['outcomes', (db) => findOutcomes(db, [id(1)])],
    ['how far the lists are', (db) => findInvitationListState(db, 'inviter-7.7')],
    ['whom an invitation went to', (db) => findSentInvitation(db, 'inviter-7', 'inviter-7.7')],
    ['what was sent before', (db) => findSentHistory(db, 'inviter-7', ['recipient-0'])],
    [
      'replies to what was superseded',
      (db) =>
        findEarlierReplies(db, 'inviter-7', [
          {
            invitationId: 'inviter-7.7',
            recipient: { id: 'recipient-0', name: '' },
            sentAt: '',
            status: 'pending',
          },
        ]),
    ],
    ['the other one of two', (db) => findCounterpart(db, 'recipient-0', 'inviter-7.7')],
    ['a search of an inbox', (db) => findInbox(db, 'recipient-7', { ...page, search: 'x' })],
    ['a search of the archive', (db) => findArchive(db, 'recipient-7', { ...page, search: 'x' })],
    ['a search of what was sent', (db) => findSent(db, 'inviter-7', { ...page, search: 'x' })],
    ['a header', (db) => findMemberOverview(db, 'recipient-0')],
    ['news of an inbox', (db) => findInboxNews(db, 'recipient-0', '2026-01-05T00:00:00.000Z')],
    ['a new connection', (db) => findNewConnection(db, 'inviter-7', 'inviter-8')],
    [
      'what superseded an invitation',
      (db) =>
        findSupersedingInvitation(db, 'recipient-0', 'inviter-7.gone', new Date('2026-01-05T00:00:00Z')),
    ],
    ['what is open', (db) => findOpenness(db, ['inviter-7.7'])],
    ['what was replied to', (db) => findRepliedInvitations(db, 'recipient-0', ['inviter-7.7'])],
    ['connections in common', (db) => countConnectionsInCommon(db, 'inviter-7', ['inviter-8', 'inviter-9'])],
    [
      'what accounts are decided from',
      (db) =>
        findProjectedAccounts(
          db,
          [
            {
              accountId: 'inviter-7',
              entries: [{ commandId: id(1), members: ['recipient-0'], invitations: ['inviter-7.7'] }],
            },
          ],
          ['inviter-8'],
        ),
    ],
    ['a related member', (db) => findRelatedMember(db, 'inviter-7', 'inviter-8')],
    ['an acquaintance', (db) => findVisibleProfile(db, 'recipient-0', 'inviter-7')],
  ])('for %s reads no table from end to end', async (_what, ask) => {
    const plan = await planOf(ask);
    expect(plan).toMatch(/Index/);
    expect(plan).not.toContain('Seq Scan');
  });
});
