import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { isServiceCommandId, TOPICS, Topics } from '#libs/contracts';
import type { ProducerMessage } from '#libs/kafka';
import { createPool, Health, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import {
  ExpiryMetrics,
  ExpiryPoller,
  type ExpirySettings,
} from '../../../apps/projector/src/expiry/expiry-poller.worker.js';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';
import { until } from '../../support/until.js';
import { SILENT } from '../support/consumer-harness.js';

const HOUR = 3_600_000;
const SETTINGS: ExpirySettings = { expiryMs: HOUR, perSecond: 1_000, pollMs: 20, retryMs: HOUR };

let postgres: TestPostgres;
let pool: Pool;
const pollers: { readonly poller: ExpiryPoller; readonly pool: Pool }[] = [];
const sent: { readonly id: string; readonly commandId: string; readonly at: number }[] = [];

beforeAll(async () => {
  postgres = await openTestPostgres(readModelMigrations);
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
});
beforeEach(async () => {
  sent.length = 0;
  await pool.query(
    `TRUNCATE read_models.sent_g1, read_models.expiry_asked; UPDATE read_models.expiry_pace SET next_at = 'epoch'`,
  );
});
afterEach(async () => {
  for (const one of pollers.splice(0)) {
    await one.poller.stop();
    await one.pool.end();
  }
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

/** Inserts an invitation that was sent some hours ago, by the database's clock. */
const invited = (id: string, hoursAgo: number, status = 'pending') =>
  pool.query(
    `INSERT INTO read_models.sent (invitation_id, inviter_id, recipient_id, sent_at, status)
     VALUES ($1, 'amal', 'bilal', now() - $2::float8 * interval '1 hour', $3)`,
    [id, hoursAgo, status],
  );

const record = async (messages: readonly ProducerMessage[]): Promise<void> => {
  for (const { topic, key, value, headers } of messages) {
    expect(topic).toBe(TOPICS.commands);
    expect(key).toBe('amal');
    expect(headers?.['ce_type']).toBe('invitations.expire.v1');
    const { invitationId, recipientId } = JSON.parse(String(value)) as Record<string, string>;
    expect(recipientId).toBe('bilal');
    sent.push({ id: invitationId!, commandId: String(headers?.['ce_id']), at: performance.now() });
  }
};

function start(change: Partial<ExpirySettings> = {}, send = record) {
  const own = createPool({ url: postgres.url, app: 'poller' }, SILENT);
  const health = new Health();
  const registry = new Registry();
  const settings = { ...SETTINGS, ...change };
  const poller = new ExpiryPoller(
    settings,
    new Topics(),
    own,
    send,
    new ExpiryMetrics(registry),
    health,
    SILENT,
  );
  pollers.push({ poller, pool: own });
  poller.start();
  return { health, registry };
}

const ids = (count: number) => Array.from({ length: count }, (_, n) => `amal.${String(n).padStart(3, '0')}`);
const untilSent = (count: number) => until(async () => sent.length >= count, 30_000, `${count} commands`);
const asked = async () =>
  (await pool.query('SELECT invitation_id FROM read_models.expiry_asked')).rows.length;

describe('ExpiryPoller', () => {
  it('issues a command for each invitation that is open in its inviter’s list and old enough, the oldest first (D22)', async () => {
    await invited('amal.old', 3);
    await invited('amal.oldest', 30, 'replied');
    await invited('amal.young', 0.99);
    for (const status of ['accepted', 'withdrawn', 'expired']) await invited(`amal.${status}`, 5, status);
    const { registry, health } = start();
    await untilSent(2);
    await invited('amal.later', 2);
    await untilSent(3);
    expect(sent.map(({ id }) => id)).toEqual(['amal.oldest', 'amal.old', 'amal.later']);
    expect(sent.every(({ commandId }) => isServiceCommandId(commandId))).toBe(true);
    expect(await registry.metrics()).toContain('invitations_expiries_asked_total{attempt="first"} 3');
    expect(health.report().ready).toBe(true);
  });

  it('issues one command for each invitation from several replicas, at one rate for all of them', async () => {
    const all = ids(40);
    for (const id of all) await invited(id, 2);
    const startedAt = performance.now();
    for (let replica = 0; replica < 3; replica += 1) start({ perSecond: 20 });
    await untilSent(40);
    expect(sent.map(({ id }) => id).toSorted()).toEqual(all);
    // The first 20 at once, the others a second later.
    expect(sent.filter(({ at }) => at - startedAt < 950).length).toBeLessThanOrEqual(20);
  });

  it('goes on with what is left after a replica has stopped', async () => {
    for (const id of ids(6)) await invited(id, 2);
    start({ perSecond: 3, pollMs: 60_000 });
    await untilSent(3);
    const [first] = pollers.splice(0);
    await first!.poller.stop();
    await first!.pool.end();
    start({ perSecond: 3 });
    await untilSent(6);
    expect(sent.map(({ id }) => id).toSorted()).toEqual(ids(6));
  });

  it('issues the command again, under another id, while the invitation stays open', async () => {
    await invited('amal.1', 2);
    start({ retryMs: 50 });
    await untilSent(3);
    expect(new Set(sent.map(({ commandId }) => commandId)).size).toBe(sent.length);
    await pool.query(`UPDATE read_models.sent SET status = 'expired'`);
    const before = sent.length;
    await invited('amal.2', 2);
    await until(async () => sent.some(({ id }) => id === 'amal.2'), 30_000, 'the next command');
    expect(sent.slice(before + 1).every(({ id }) => id === 'amal.2')).toBe(true);
  });

  it('claims again at once what the broker has not taken, and is not ready meanwhile', async () => {
    await invited('amal.1', 2);
    let isDown = true;
    const { health } = start({}, (messages) =>
      isDown ? Promise.reject(new Error('no broker')) : record(messages),
    );
    await until(async () => health.report().parts['expiry']?.detail === 'no broker', 30_000, 'not ready');
    isDown = false;
    await untilSent(1);
    const { rows } = await pool.query('SELECT attempt FROM read_models.expiry_asked');
    expect(rows).toEqual([{ attempt: 1 }]);
  });

  it('deletes the claims of closed invitations and keeps those of open ones', async () => {
    await invited('amal.open', 2);
    await pool.query(
      `INSERT INTO read_models.expiry_asked VALUES ('amal.open', 4, now(), now() - interval '1 s'), ('amal.gone', 1, now(), now() - interval '1 s')`,
    );
    start({ expiryMs: 100 * HOUR });
    await until(async () => (await asked()) === 1, 30_000, 'a sweep');
    expect((await pool.query('SELECT invitation_id AS id FROM read_models.expiry_asked')).rows).toEqual([
      { id: 'amal.open' },
    ]);
  });

  it('does nothing if invitations do not expire', async () => {
    await invited('amal.1', 100_000);
    const { health } = start({ expiryMs: 0 });
    start();
    await untilSent(1);
    expect(health.report().parts).not.toHaveProperty('expiry');
    expect(sent).toHaveLength(1);
  });
});
