import { afterEach, describe, expect, it } from '@jest/globals';
import { memberProfiles } from '../../../apps/notification/src/consumer/topic-handlers.js';
import { claimDueDeliveries } from '../../../apps/notification/src/outbox/outbox.table.js';
import { accepted, profile, reminderDue, sent } from './messages.js';
import { readUntil, useNotificationHarness } from './notification-harness.js';

/** Large enough that a statement which reads each of them would be noticed. */
const WAITING = 3_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const POLLING = { pollMs: 50 };

/** The condition on a delivery that waits for a profile. */
const WAITS = `state = 'queued' AND reason = 'MEMBER_UNKNOWN' AND claim IS NULL AND due_at > now()`;

const harness = useNotificationHarness();
let stopRecording: (() => void) | undefined;

afterEach(() => {
  stopRecording?.();
  stopRecording = undefined;
});

/** Records the statements that the app sends through its pool from now on. */
function recordStatements(): string[] {
  const statements: string[] = [];
  const { pool } = harness;
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown;
  pool.query = ((...args: unknown[]) => {
    const [statement] = args;
    statements.push(typeof statement === 'string' ? statement : (statement as { text: string }).text);
    return query(...args);
  }) as typeof pool.query;
  stopRecording = () => {
    pool.query = query as typeof pool.query;
  };
  return statements;
}

/** Changes with every update of any row, also with one that keeps all values. */
const rowVersions = async () =>
  (
    await harness.pool.query<{ all: string }>(
      `SELECT md5(string_agg(event_id || ' ' || xmin || ' ' || ctid, ',' ORDER BY event_id)) AS all
       FROM notification.deliveries`,
    )
  ).rows[0]!.all;

describe('a delivery for a member without a profile', () => {
  it('costs the worker nothing while it waits, and becomes due by its own profile only', async () => {
    const { handler } = harness.create();
    await handler.handle([profile('alice')]);
    for (let n = 0; n < WAITING; n += 1_000) {
      await handler.handle(Array.from({ length: 1_000 }, (_, i) => sent('alice', `stranger-${n + i}`)));
    }
    await handler.handle([accepted('stranger-7', 'alice'), sent('stranger-7', 'stranger-8')]);
    const { handler: running } = harness.start({ timings: POLLING });
    await harness.untilCount(WAITS, WAITING + 2);

    const before = await rowVersions();
    const statements = recordStatements();
    const claims = () => statements.filter((text) => /SET claim = /.test(text)).length;
    await readUntil(claims, (count) => count >= 20);
    // Each poll claims what is due, and maintains the table; it does not read what waits.
    expect(statements.length / claims()).toBeLessThan(5);
    stopRecording!();
    expect(await rowVersions()).toBe(before);

    // The profile of a member for whom nothing waits; a repeated profile, of one of two missing members.
    await running.handle([profile('nobody'), profile('alice')]);
    expect(await rowVersions()).toBe(before);

    await running.handle([profile('stranger-7')]);
    await harness.untilCount(`state = 'sent'`, 2);
    expect(harness.smtp.mails).toHaveLength(2);
    expect(await harness.count(WAITS)).toBe(WAITING);
    await running.handle([profile('stranger-8')]);
    await harness.untilCount(`state = 'sent'`, 4);
    expect(await harness.count(WAITS)).toBe(WAITING - 2);
  }, 300_000);

  it('is due at once where the profile arrives while it is being rescheduled', async () => {
    const { handler, mailDelivery } = harness.create();
    await handler.handle([profile('alice'), sent('alice', 'bob')]);
    const claimed = await claimDueDeliveries(harness.pool, 1, 60_000);
    const context = mailDelivery.readContext(claimed);
    await context;
    await handler.handle([profile('bob')]);
    await mailDelivery.deliver(claimed[0]!, context);
    expect(await harness.count(`state = 'queued' AND claim IS NULL AND due_at <= now()`)).toBe(1);
    harness.start();
    await harness.untilStates('sent');
  });

  it.each([
    ['the profile is consumed again', true],
    ['another process starts', false],
  ])('is sent after a process died that had stored the profile only: %s', async (_, isRepeated) => {
    const first = harness.start();
    await first.handler.handle([profile('alice'), sent('alice', 'bob')]);
    await harness.untilCount(WAITS, 1);
    // The process commits the profile, and dies before it makes the delivery due.
    const message = profile('bob');
    const topicHandler = memberProfiles(first.directory);
    await topicHandler.store(harness.pool, [topicHandler.parse(message)], 3 * DAY);
    expect(await harness.count(WAITS)).toBe(1);
    if (isRepeated) await first.handler.handle([message]);
    else harness.start();
    await harness.untilStates('sent');
  });

  it('waits for almost a day, and then ends without a profile', async () => {
    const { handler } = harness.start({ timings: POLLING });
    await handler.handle([profile('alice'), sent('alice', 'bob')]);
    await harness.untilCount(WAITS, 1);
    await harness.letTimePass(23 * HOUR);
    expect(await harness.count(WAITS)).toBe(1);
    await harness.letTimePass(2 * HOUR);
    expect(await harness.untilStates('suppressed')).toMatchObject([
      { reason: 'MEMBER_UNKNOWN', content: null },
    ]);
  });

  it('ends earlier where its event becomes too old (D21)', async () => {
    const { handler } = harness.start({ timings: POLLING });
    const at = new Date(Date.now() - 2.5 * DAY).toISOString();
    await handler.handle([profile('alice'), sent('alice', 'bob', { at })]);
    await harness.untilCount(WAITS, 1);
    await harness.letTimePass(11 * HOUR);
    expect(await harness.count(WAITS)).toBe(1);
    await harness.letTimePass(2 * HOUR);
    expect(await harness.untilStates('suppressed')).toMatchObject([{ reason: 'STALE', content: null }]);
  });

  it('ends earlier where it is a reminder that expires', async () => {
    const { handler } = harness.start({ timings: POLLING });
    const validUntil = new Date(Date.now() + 12 * HOUR).toISOString();
    await handler.handle([profile('alice'), reminderDue('alice', 'bob', { validUntil })]);
    await harness.untilCount(WAITS, 1);
    await harness.letTimePass(11 * HOUR);
    expect(await harness.count(WAITS)).toBe(1);
    await harness.letTimePass(2 * HOUR);
    expect(await harness.untilStates('suppressed')).toMatchObject([{ reason: 'EXPIRED' }]);
  });

  it.each(['9999-12-31T23:59:59.999Z', new Date(Date.now() + 10 * DAY).toISOString()])(
    'ends after a day also where its event is dated in the future: %s',
    async (at) => {
      const { handler } = harness.start({ timings: POLLING });
      await handler.handle([profile('alice'), sent('alice', 'bob', { at })]);
      await harness.untilCount(WAITS, 1);
      await harness.letTimePass(25 * HOUR);
      expect(await harness.untilStates('suppressed')).toMatchObject([{ reason: 'MEMBER_UNKNOWN' }]);
    },
  );
});
