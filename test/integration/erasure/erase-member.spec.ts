import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { countRows, MEMBER_TABLES } from '#libs/member-data';
import { createPool, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { notificationMigrations } from '../../../apps/notification/src/database/schema.js';
import { saveConnections, saveMembers } from '../../../apps/notification/src/members/members.table.js';
import { enqueueDeliveries } from '../../../apps/notification/src/outbox/outbox.table.js';
import {
  DEFAULT_PREFERENCES,
  savePreferences,
  turnOffPreference,
} from '../../../apps/notification/src/preferences/preferences.table.js';
import {
  planErasure,
  runErasure,
  type ErasureServers,
} from '../../../apps/projector/src/erasure/erase-member.js';
import { saveMembers as saveSharedMembers } from '#libs/profiles';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';
import { until } from '../../support/until.js';
import { SILENT } from '../support/consumer-harness.js';
import { addressOf, insertRowsOfTwo } from './rows-of-members.js';

let postgres: TestPostgres;
let pool: Pool;
let servers: ErasureServers & { closed: boolean; hasProfile: boolean };

beforeEach(async () => {
  postgres = await openTestPostgres(readModelMigrations, notificationMigrations);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  await insertRowsOfTwo(pool, 'amal', 'bilal');
  await pool.query(
    `INSERT INTO read_models.author_keys (author_id, wrapping_key, wrapped) VALUES ('amal', 't1', '\\x0a'), ('bilal', 't1', '\\x0b')`,
  );
  servers = {
    pool,
    closed: false,
    hasProfile: true,
    closeAccount: () => Promise.resolve(!servers.closed && (servers.closed = true)),
    removeProfile: () => Promise.resolve(servers.hasProfile && !(servers.hasProfile = false)),
  };
});
afterEach(async () => {
  await pool.end();
  await postgres.stop();
});

async function erase(memberId = 'amal'): Promise<{ isAnyChanged: boolean; lines: string[] }> {
  const lines: string[] = [];
  const isAnyChanged = await runErasure(await planErasure(servers, memberId), (line) => lines.push(line));
  return { isAnyChanged, lines };
}

/** All rows that are of Bilal or name him, without times that the erasure sets. */
async function readTables(): Promise<Record<string, unknown[]>> {
  const tables: Record<string, unknown[]> = {};
  for (const { name } of MEMBER_TABLES) {
    const { rows } = await pool.query<{ row: Record<string, unknown> }>(
      `SELECT to_jsonb(t) - 'settled_at' - 'erased_at' - 'created_at' - 'due_at' - 'next_at' AS row FROM ${name} t ORDER BY t::text`,
    );
    tables[name] = rows.map(({ row }) => row);
  }
  return tables;
}

async function countLeft(id: string): Promise<number> {
  let left = 0;
  for (const table of MEMBER_TABLES) {
    const { owned, texts } = await countRows(pool, table, { id, addresses: [addressOf(id)] });
    left += owned + texts;
  }
  return left;
}

describe('erasing a member', () => {
  it('deletes their rows and key, and of the rows of others only their texts', async () => {
    const { rows: before } = await pool.query(`SELECT * FROM read_models.sent WHERE inviter_id = 'bilal'`);
    await erase();
    expect(await countLeft('amal')).toBe(0);
    const text = JSON.stringify(await readTables());
    expect(text).not.toMatch(/Name of amal|amal@|(hello|reply) by amal/);
    expect(text).toContain('Name of bilal');
    const { rows: after } = await pool.query(`SELECT * FROM read_models.sent WHERE inviter_id = 'bilal'`);
    expect(before).toMatchObject([{ reply: 'reply by amal' }]);
    expect(after).toEqual(before.map((row: object) => ({ ...row, reply: null })));
    expect(servers).toMatchObject({ closed: true, hasProfile: false });
  });

  it('suppresses an e-mail that was to bring a text of theirs to another member', async () => {
    await pool.query(`UPDATE notification.deliveries SET claim = gen_random_uuid()`);
    await erase();
    const { rows } = await pool.query(
      'SELECT recipient_id, state, reason, content, claim FROM notification.deliveries',
    );
    expect(rows).toEqual([
      { recipient_id: 'bilal', state: 'suppressed', reason: 'MEMBER_UNKNOWN', content: null, claim: null },
    ]);
  });

  it('says in a second run that there is nothing left to do', async () => {
    expect((await erase()).isAnyChanged).toBe(true);
    const { isAnyChanged, lines } = await erase();
    expect(isAnyChanged).toBe(false);
    expect(new Set(lines.map((line) => line.replace(/^.*: /, '')))).toEqual(new Set(['nothing left to do']));
  });

  it('erases a member of whom there is nothing, so that no key is ever created for them', async () => {
    expect((await erase('nobody')).lines).toContain(
      "delete the key of the member's texts: there was no key; none will be created",
    );
    expect((await erase('nobody')).isAnyChanged).toBe(false);
  });

  it('leaves the suppression of an address that another member has as well', async () => {
    await pool.query(`UPDATE notification.members SET email = upper($1) WHERE id = 'bilal'`, [
      addressOf('amal'),
    ]);
    await erase();
    const { rowCount } = await pool.query(
      `SELECT FROM notification.bounced_addresses WHERE address_hash = sha256($1)`,
      [Buffer.from(addressOf('amal'))],
    );
    expect(rowCount).toBe(1);
  });

  it('ends in the same state if it fails after any of its steps, or within one, and is run again', async () => {
    const count = (await planErasure(servers, 'amal')).length;
    let last: string | undefined;
    for (let failing = 0; failing < count; failing += 1) {
      await pool.query(
        `TRUNCATE ${MEMBER_TABLES.filter(({ owned }) => owned)
          .map(storedName)
          .join(', ')}`,
      );
      await pool.query(
        `UPDATE read_models.author_keys SET wrapped = '\\x0a', wrapping_key = 't1', erased_at = NULL`,
      );
      await insertRowsOfTwo(pool, 'amal', 'bilal');
      Object.assign(servers, { closed: false, hasProfile: true });
      const steps = await planErasure(servers, 'amal');
      const interrupted = steps.map((step, index) =>
        index === failing
          ? { ...step, run: () => step.run().then(() => Promise.reject(new Error('killed'))) }
          : step,
      );
      await expect(runErasure(interrupted, () => undefined)).rejects.toThrow('killed');
      await erase();
      expect(await countLeft('amal')).toBe(0);
      expect(servers).toMatchObject({ closed: true, hasProfile: false });
      const state = JSON.stringify(await readTables());
      last ??= state;
      expect(state).toBe(last);
    }
  });
});

const storedName = ({ name, isReadModel }: (typeof MEMBER_TABLES)[number]): string =>
  isReadModel === true ? `${name}_g1` : name;

describe('after an erasure', () => {
  it('a message in flight writes no row of the member, and no text of theirs', async () => {
    await erase();
    const delivery = {
      kind: 'reply',
      invitationId: 'bilal.1',
      happenedAt: new Date().toISOString(),
    } as const;
    const content = { message: 'hello by amal' };
    const eventId = '00000000-0000-5000-8000-000000000077';
    await enqueueDeliveries(
      pool,
      [
        { ...delivery, eventId, recipientId: 'bilal', aboutId: 'amal', content },
        { ...delivery, eventId, recipientId: 'amal', aboutId: 'bilal', content },
        { ...delivery, eventId, recipientId: 'chiara', aboutId: 'bilal', content },
      ],
      1_000_000,
    );
    await saveConnections(pool, [
      { between: ['amal', 'bilal'], since: delivery.happenedAt },
      { between: ['bilal', 'chiara'], since: delivery.happenedAt },
    ]);
    const profile = {
      name: 'Name of amal',
      headline: '',
      profileUrl: 'https://p.test/x',
      email: addressOf('amal'),
      locale: undefined,
      takesInvitations: true,
    };
    const profiles = new Map([
      ['amal', profile],
      ['chiara', profile],
    ]);
    await saveMembers(pool, profiles);
    await saveSharedMembers(pool, profiles);
    for (const id of ['amal', 'chiara']) {
      await savePreferences(pool, id, DEFAULT_PREFERENCES);
      await turnOffPreference(pool, id, 'replies');
    }
    expect(await countLeft('amal')).toBe(0);
    for (const table of ['deliveries', 'connections', 'members', 'email_preferences']) {
      const { rows } = await pool.query<{ text: string }>(
        `SELECT t::text AS text FROM notification.${table} t`,
      );
      expect(rows.some(({ text }) => text.includes('chiara'))).toBe(true);
    }
  });

  it('no row is left of a transaction that began before it and was committed late', async () => {
    const late = await pool.connect();
    await late.query('BEGIN');
    await late.query(`UPDATE read_models.slices SET owner = owner`);
    const done = erase();
    await until(
      async () => {
        const { rows } = await pool.query<{ waiting: number }>(
          `SELECT count(*)::integer AS waiting FROM pg_locks WHERE NOT granted AND relation = 'read_models.slices'::regclass`,
        );
        return rows[0]!.waiting > 0;
      },
      20_000,
      'the erasure to wait for the transaction',
    );
    await late.query(`INSERT INTO read_models.inbox_g1 VALUES ('bilal.7', 'bilal', 'amal', 'late', now())`);
    await late.query('COMMIT');
    late.release();
    await done;
    expect(await countLeft('amal')).toBe(0);
  });
});
