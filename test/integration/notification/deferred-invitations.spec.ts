import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { profile, reminderDue, replied, sent } from './messages.js';
import { useNotificationHarness } from './notification-harness.js';

const DAY = 86_400_000;
const HELD_BACK = `state = 'queued' AND reason = 'TOO_SOON' AND claim IS NULL AND deferred_until IS NOT NULL`;

const harness = useNotificationHarness({ mailbox: true });

/** How the lists show an invitation from Alice to Bob. */
type Listed = 'untouched' | 'ignored' | 'replied' | 'withdrawn' | 'declined';

async function list(invitationId: string, as: Listed): Promise<void> {
  const row = [invitationId, 'alice', 'bob', null, '2026-01-05T09:00:00Z'];
  const { pool } = harness;
  for (const table of ['archive', 'sent'])
    await pool.query(`DELETE FROM read_models.${table} WHERE invitation_id = $1`, [invitationId]);
  const status = as === 'replied' || as === 'withdrawn' ? as : 'pending';
  await pool.query('INSERT INTO read_models.sent VALUES ($1, $2, $3, $4, $5, $6)', [...row, status]);
  if (as === 'withdrawn' || as === 'declined') return;
  await pool.query('INSERT INTO read_models.archive VALUES ($1, $2, $3, $4, $5, $6)', [
    ...row,
    as === 'ignored',
  ]);
}

/** Mails an invitation, and consumes another one of the same pair, whose e-mail is held back. Returns its id. */
async function holdBack(message = 'second'): Promise<string> {
  const app = harness.start({ timings: { pollMs: 20 } });
  const invitationId = `alice.${randomUUID()}`;
  await app.handler.handle([profile('alice'), profile('bob'), sent('alice', 'bob', { message: 'first' })]);
  await harness.expectMails(1);
  await app.handler.handle([sent('alice', 'bob', { invitationId, message })]);
  await harness.untilCount(HELD_BACK, 1);
  return invitationId;
}

/** Waits until nothing is in progress any more, and returns the texts of all e-mails. */
async function textsAfter(condition: string, count: number): Promise<string[]> {
  await harness.untilCount(condition, count);
  return (await harness.mails()).map(({ text }) => text);
}

describe('an invitation e-mail within the interval of the last one (D15)', () => {
  it.each(['untouched', 'ignored'] as const)(
    'is sent when the interval has passed and the invitation is %s, with the same text (D1)',
    async (listed) => {
      const invitationId = await holdBack();
      await list(invitationId, listed);
      const { rows } = await harness.pool.query(
        `SELECT extract(epoch FROM d.due_at - first.settled_at)::float8 AS "afterSeconds"
         FROM notification.deliveries d, notification.deliveries first WHERE d.reason = 'TOO_SOON' AND first.state = 'sent'`,
      );
      expect(rows).toEqual([{ afterSeconds: 86_400 }]);
      await harness.letTimePass(DAY - 60_000);
      await harness.untilCount(HELD_BACK, 1);
      expect(await harness.mails()).toHaveLength(1);
      await harness.letTimePass(60_000);
      const texts = await textsAfter(`state = 'sent'`, 2);
      const [first, second] = texts.map((text) =>
        text.replaceAll(/\/l\/[^\s?]+/g, '/l/TOKEN').replaceAll(/alice\.[-\w]+/g, 'ID'),
      );
      expect(second).toContain('second');
      expect(second).toBe(first!.replaceAll('first', 'second'));
    },
  );

  it('survives a restart, and is sent once (D15)', async () => {
    const invitationId = await holdBack();
    await list(invitationId, 'untouched');
    await harness.stopApps();
    await harness.letTimePass(DAY);
    harness.start({ timings: { pollMs: 20 } });
    harness.start({ timings: { pollMs: 20 } });
    expect(await textsAfter(`state = 'sent'`, 2)).toHaveLength(2);
  });

  it('is tried again for a day from its time, not from its event', async () => {
    const invitationId = await holdBack();
    await list(invitationId, 'untouched');
    await harness.stopApps();
    await harness.letTimePass(DAY);
    const { handler, worker } = harness.create({ timings: { pollMs: 20 } });
    await handler.handle([profile('bob', { email: 'reject-4xx@example.com' })]);
    worker.start();
    await harness.untilCount(`state = 'queued' AND reason = 'TRY_AGAIN_LATER'`, 1);
    await handler.handle([profile('bob')]);
    expect(await textsAfter(`state = 'sent'`, 2)).toHaveLength(2);
  });

  it.each([
    ['withdrawn', 'NOT_OPEN'],
    ['replied', 'NOT_OPEN'],
  ] as const)('is suppressed where the invitation is %s by then', async (listed, reason) => {
    const invitationId = await holdBack();
    await list(invitationId, listed);
    await harness.letTimePass(DAY);
    expect(await textsAfter(`state = 'suppressed' AND reason = '${reason}'`, 1)).toHaveLength(1);
  });

  it('is suppressed where the app knows of a reply, although the lists lag behind', async () => {
    const invitationId = await holdBack();
    await list(invitationId, 'untouched');
    const { handler } = harness.create();
    await handler.handle([replied('alice', 'bob', { invitationId, message: 'Who are you?' })]);
    await harness.letTimePass(DAY);
    await harness.untilCount(`kind = 'invitation' AND state = 'suppressed' AND reason = 'ANSWERED'`, 1);
    expect((await harness.mails()).filter(({ to }) => to[0] === 'bob@example.com')).toHaveLength(1);
  });

  it('waits while the lists do not show the invitation, and is sent once they do', async () => {
    const invitationId = await holdBack();
    await harness.letTimePass(DAY);
    await harness.untilCount(`state = 'queued' AND reason = 'NOT_OPEN'`, 1);
    expect(await harness.mails()).toHaveLength(1);
    await list(invitationId, 'untouched');
    expect(await textsAfter(`state = 'sent'`, 2)).toHaveLength(2);
  });

  it('is never sent for a declined invitation, and ends when its event is too old (D21)', async () => {
    const invitationId = await holdBack();
    await list(invitationId, 'declined');
    await harness.letTimePass(DAY);
    await harness.untilCount(`state = 'queued' AND reason = 'NOT_OPEN'`, 1);
    await harness.letTimePass(3 * DAY);
    expect(await textsAfter(`state = 'suppressed' AND reason = 'STALE'`, 1)).toHaveLength(1);
  });

  it('is sent for the latest of several that are held back', async () => {
    const second = await holdBack();
    const third = `alice.${randomUUID()}`;
    const { handler } = harness.create();
    await handler.handle([sent('alice', 'bob', { invitationId: third, message: 'third' })]);
    await harness.untilCount(HELD_BACK, 2);
    for (const id of [second, third]) await list(id, 'untouched');
    await harness.letTimePass(DAY);
    const texts = await textsAfter(`state = 'suppressed' AND reason = 'SUPERSEDED'`, 1);
    await harness.untilCount(`state = 'sent'`, 2);
    expect((await harness.mails()).at(-1)!.text).toContain('third');
    expect(texts.join()).not.toContain('second');
  });

  it('goes before reminders: one that is due meanwhile is suppressed', async () => {
    const invitationId = await holdBack();
    const { handler } = harness.create();
    const validUntil = new Date(Date.now() + DAY).toISOString();
    await handler.handle([reminderDue('alice', 'bob', { invitationId, ordinal: 1, validUntil })]);
    await harness.untilCount(`kind = 'reminder' AND state = 'suppressed' AND reason = 'TOO_SOON'`, 1);
    expect(await harness.mails()).toHaveLength(1);
  });
});
