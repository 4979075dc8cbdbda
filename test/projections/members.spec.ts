import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Incoming } from '#libs/kafka';
import { createPool, migrate, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { MembersHandler } from '../../apps/projector/src/members/members-handler.js';
import { SILENT } from '../integration/support/kafka-world.js';
import { postgresUnderTest, type PostgresUnderTest } from '../support/postgres.js';
import { until } from '../support/until.js';

let postgres: PostgresUnderTest;
let pool: Pool;

beforeAll(async () => {
  postgres = await postgresUnderTest();
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  await migrate(pool, readModelMigrations, SILENT);
});
beforeEach(() => pool.query('TRUNCATE read_models.members, read_models.profile_places'));
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

/** Amal under a name, or her removal without one; a minute later than the offset before. */
function profile(offset: number, name: string | null, partition = 0, minute = offset): Incoming {
  const value = { id: 'amal', name, headline: '', profileUrl: '', email: 'amal@network.example' };
  const all = { ...value, locale: 'en', takesInvitations: true };
  return {
    topic: 'members.profiles',
    partition,
    offset: String(offset),
    timestamp: Date.UTC(2026, 0, 5, 9, minute),
    key: Buffer.from('amal'),
    value: name === null ? null : Buffer.from(JSON.stringify(all)),
    headers: {},
    header: () => undefined,
  };
}

async function nameOfAmal(): Promise<string | undefined> {
  const { rows } = await pool.query<{ name: string }>(`SELECT name FROM read_models.members`);
  return rows[0]?.name;
}

describe('the members directory (D13)', () => {
  const handler = () => new MembersHandler(pool, SILENT);

  it('keeps the last profile, and is not moved by a repeat', async () => {
    const first = [profile(0, 'Amal'), profile(1, 'Amal H.')];
    await handler().handle(first);
    expect(await nameOfAmal()).toBe('Amal H.');
    await handler().handle([...first, profile(2, 'Amal Haddad')]);
    expect(await nameOfAmal()).toBe('Amal Haddad');
    await handler().handle(first);
    await handler().handle([profile(0, 'Amal')]);
    expect(await nameOfAmal()).toBe('Amal Haddad');
  });

  it('is not written by a consumer that was paused while another read on', async () => {
    const paused = [profile(5, 'Amal')];
    await handler().handle([...paused, profile(6, 'Amal Haddad')]);
    await handler().handle(paused);
    expect(await nameOfAmal()).toBe('Amal Haddad');
    await handler().handle([profile(7, null)]);
    await handler().handle([...paused, profile(6, 'Amal Haddad')]);
    expect(await nameOfAmal()).toBeUndefined();
    // Each partition is on its own.
    await handler().handle([profile(0, 'Amal', 1)]);
    expect(await nameOfAmal()).toBe('Amal');
  });

  it('makes a consumer wait for another that is in the middle of the partition, then passes over what it did', async () => {
    const other = await pool.connect();
    await other.query(`BEGIN; INSERT INTO read_models.profile_places VALUES ('members.profiles', 0, 9, 0)`);
    const waiting = handler().handle([profile(8, 'Amal')]);
    const waits = async () =>
      (await pool.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).rowCount !== 0;
    await until(waits, 30_000, 'the second one waits');
    await other.query(
      `UPDATE read_models.profile_places SET newest = ${profile(8, 'Amal').timestamp}; COMMIT`,
    );
    other.release();
    await waiting;
    expect(await nameOfAmal()).toBeUndefined();
  });

  it('begins anew with a topic that was made anew', async () => {
    await handler().handle([profile(40, 'Amal'), profile(41, 'Amal Haddad')]);
    await handler().handle([profile(0, 'Amal Khoury', 0, 50)]);
    expect(await nameOfAmal()).toBe('Amal Khoury');
    await handler().handle([profile(0, 'Amal Khoury', 0, 50), profile(1, 'Amal K.', 0, 51)]);
    expect(await nameOfAmal()).toBe('Amal K.');
  });
});
