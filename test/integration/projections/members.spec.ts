import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ConsumedMessage } from '#libs/kafka';
import { createPool, type Pool } from '#libs/platform';
import { ProfileMetrics } from '#libs/profiles';
import { readModelMigrations } from '#libs/read-models';
import { MemberProfilesHandler } from '../../../apps/projector/src/members/member-profiles.consumer.js';
import { SILENT } from '../support/consumer-harness.js';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';
import { until } from '../../support/until.js';

let postgres: TestPostgres;
let pool: Pool;

beforeAll(async () => {
  postgres = await openTestPostgres(readModelMigrations);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
});
beforeEach(() => pool.query('TRUNCATE read_models.members, read_models.profile_places'));
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

/** Amal's profile with a name; without a name, its removal. */
function profile(
  offset: number,
  name: string | null,
  partition = 0,
  timestamp = Date.now(),
): ConsumedMessage {
  const value = { id: 'amal', name, headline: '', profileUrl: '', email: 'amal@network.example' };
  const all = { ...value, locale: 'en', takesInvitations: true };
  return message(offset, name === null ? null : JSON.stringify(all), partition, timestamp);
}

const message = (
  offset: number,
  value: string | null,
  partition = 0,
  timestamp = Date.now(),
): ConsumedMessage => ({
  topic: 'members.profiles',
  partition,
  offset: String(offset),
  timestamp,
  key: Buffer.from('amal'),
  value: value === null ? null : Buffer.from(value),
  headers: {},
  header: () => undefined,
});

async function nameOfAmal(): Promise<string | undefined> {
  const { rows } = await pool.query<{ name: string }>(`SELECT name FROM read_models.members`);
  return rows[0]?.name;
}

describe('the members directory (D13)', () => {
  /** @param end offset at which every partition ends, according to the brokers */
  const handler = (end?: bigint, registry = new Registry()) => {
    const offsets = new Map(end === undefined ? [] : [0, 1].map((p) => [p, { low: 0n, high: end }]));
    return new MemberProfilesHandler(
      pool,
      () => Promise.resolve(offsets),
      new ProfileMetrics(registry),
      SILENT,
    );
  };

  it('keeps the last profile when earlier ones are repeated', async () => {
    const first = [profile(0, 'Amal'), profile(1, 'Amal H.')];
    await handler().handle(first);
    expect(await nameOfAmal()).toBe('Amal H.');
    await handler(3n).handle([...first, profile(2, 'Amal Haddad')]);
    expect(await nameOfAmal()).toBe('Amal Haddad');
    await handler(3n).handle(first);
    await handler(3n).handle([profile(0, 'Amal')]);
    expect(await nameOfAmal()).toBe('Amal Haddad');
  });

  it('ignores a consumer that was paused while another one continued', async () => {
    const paused = [profile(5, 'Amal')];
    await handler().handle([...paused, profile(6, 'Amal Haddad')]);
    await handler(7n).handle(paused);
    expect(await nameOfAmal()).toBe('Amal Haddad');
    await handler(8n).handle([profile(7, null)]);
    await handler(8n).handle([...paused, profile(6, 'Amal Haddad')]);
    expect(await nameOfAmal()).toBeUndefined();
    // Partitions are independent.
    await handler(8n).handle([profile(0, 'Amal', 1)]);
    expect(await nameOfAmal()).toBe('Amal');
  });

  it('makes a consumer wait for another one in the same partition, then skips what that one has applied', async () => {
    const other = await pool.connect();
    await other.query(`BEGIN; INSERT INTO read_models.profile_places VALUES ('members.profiles', 0, 9)`);
    const waiting = handler(9n).handle([profile(8, 'Amal')]);
    const waits = async () =>
      (
        await pool.query(
          "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
        )
      ).rowCount !== 0;
    await until(waits, 30_000, 'the second consumer waits');
    await other.query('COMMIT');
    other.release();
    await waiting;
    expect(await nameOfAmal()).toBeUndefined();
  });

  it.each([
    ['none', -1],
    ['the maximum', Number(2n ** 63n - 1n)],
    ['microseconds', Date.now() * 1_000],
    ['next year', Date.now() + 365 * 86_400_000],
  ])('does not depend on record timestamps: %s', async (_what, timestamp) => {
    await handler().handle([profile(0, 'Amal', 0, timestamp)]);
    await handler().handle([profile(1, 'Amal H.', 0, 1_000), profile(2, 'Amal Haddad', 0, 999)]);
    expect(await nameOfAmal()).toBe('Amal Haddad');
    // Newer by its timestamp, but older by its offset.
    await handler(3n).handle([profile(0, 'Amal', 0, timestamp)]);
    expect(await nameOfAmal()).toBe('Amal Haddad');
  });

  it('starts again with a topic that was recreated, which ends before the applied offset', async () => {
    await handler().handle([profile(40, 'Amal'), profile(41, 'Amal Haddad')]);
    await handler(2n).handle([profile(0, 'Amal Khoury')]);
    expect(await nameOfAmal()).toBe('Amal Khoury');
    await handler(2n).handle([profile(0, 'Amal Khoury'), profile(1, 'Amal K.')]);
    expect(await nameOfAmal()).toBe('Amal K.');
  });

  it('applies nothing while it is unknown whether the topic was recreated', async () => {
    await handler().handle([profile(40, 'Amal')]);
    const unreachable = () => Promise.reject(new Error('no broker'));
    const handling = new MemberProfilesHandler(pool, unreachable, new ProfileMetrics(new Registry()), SILENT);
    await expect(handling.handle([profile(0, 'Amal Khoury')])).rejects.toThrow('no broker');
    expect(await nameOfAmal()).toBe('Amal');
  });

  it('keeps the usable fields of a profile, and counts the unusable ones', async () => {
    const registry = new Registry();
    const broken = { id: 'amal', name: 'Amal', email: 'amal..h@network.example', takesInvitations: false };
    await handler(undefined, registry).handle([profile(0, 'Amal'), message(1, JSON.stringify(broken))]);
    const { rows } = await pool.query(
      'SELECT name, headline, email, takes_invitations FROM read_models.members',
    );
    expect(rows).toEqual([{ name: 'Amal', headline: '', email: '', takes_invitations: false }]);
    const metrics = await registry.metrics();
    expect(metrics).toContain('invitations_profile_fields_unusable_total{field="email"} 1');
    expect(metrics).toContain('invitations_profile_fields_unusable_total{field="name"} 0');
  });

  it('leaves a member unchanged if a message is not a profile, and continues', async () => {
    const registry = new Registry();
    const other = JSON.stringify({ id: 'bilal', name: 'Bilal', takesInvitations: true });
    const odd = [message(1, 'no JSON'), message(2, other), message(3, '[]')];
    await handler(undefined, registry).handle([profile(0, 'Amal'), ...odd]);
    expect(await nameOfAmal()).toBe('Amal');
    await handler(4n).handle(odd);
    await handler(5n).handle([profile(4, 'Amal H.')]);
    expect(await nameOfAmal()).toBe('Amal H.');
    expect(await registry.metrics()).toContain('invitations_profiles_unreadable_total 3');
  });

  it('uses the id of a member without a usable name', async () => {
    await handler().handle([
      message(0, JSON.stringify({ id: 'amal', name: '\u0000', takesInvitations: true })),
    ]);
    expect(await nameOfAmal()).toBe('amal');
  });
});
