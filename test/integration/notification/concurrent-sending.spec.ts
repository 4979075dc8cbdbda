import { describe, expect, it } from '@jest/globals';
import type { ClaimedDelivery } from '../../../apps/notification/src/outbox/delivery.js';
import {
  markSending,
  recordFinalOutcomes,
} from '../../../apps/notification/src/outbox/delivery-state.table.js';
import { claimDueDeliveries, renewClaims } from '../../../apps/notification/src/outbox/outbox.table.js';
import { profile, sent } from './messages.js';
import { readUntil, useNotificationHarness } from './notification-harness.js';

const LIMITS = { invitationIntervalMs: 86_400_000, maxAgeMs: 3 * 86_400_000 };

const harness = useNotificationHarness();

/** Claims two invitations from alice to bob of the same instant, and one from carol to bob. */
async function claimSimultaneousInvitations() {
  const at = new Date().toISOString();
  const { handler } = harness.create();
  await handler.handle([profile('alice'), profile('bob'), profile('carol')]);
  await handler.handle([
    sent('carol', 'bob', { at }),
    sent('alice', 'bob', { at }),
    sent('alice', 'bob', { at }),
  ]);
  const claimed = await claimDueDeliveries(harness.pool, 3, 60_000);
  const other = claimed.find(({ aboutId }) => aboutId === 'carol')!;
  const [first, second] = claimed.filter((delivery) => delivery !== other);
  return { other, first: first!, second: second! };
}

/** Locks the row of a delivery. @returns a function that releases it */
async function lockRow({ eventId }: ClaimedDelivery) {
  const tx = await harness.pool.connect();
  await tx.query('BEGIN');
  await tx.query('SELECT FROM notification.deliveries WHERE event_id = $1 FOR UPDATE', [eventId]);
  return async () => {
    await tx.query('COMMIT');
    tx.release();
  };
}

/** Connections to this database that wait for a lock. */
const lockWaiters = async () =>
  (
    await harness.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
  ).rowCount!;

describe('MailDelivery', () => {
  it('sends one of two invitations between the same two members that are marked at the same time', async () => {
    const { other, first, second } = await claimSimultaneousInvitations();
    const { mailDelivery } = harness.create({ env: { INVITATION_MAIL_INTERVAL: 'P1D' } });
    const context = mailDelivery.readContext([other, first, second]);
    await context;
    const release = await lockRow(other);
    const deliver = (delivery: ClaimedDelivery) => mailDelivery.deliver(delivery, context);
    const all = [deliver(other)];
    try {
      // The batch of the other delivery waits for its row: the two invitations wait for the next batch.
      await readUntil(lockWaiters, (count) => count === 1);
      all.push(deliver(first), deliver(second));
      await readUntil(
        () => harness.smtp.commands.filter((command) => command === 'DATA').length,
        (count) => count === 3,
      );
    } finally {
      await release();
    }
    await Promise.all(all);
    expect(harness.smtp.mails).toHaveLength(2);
    expect((await harness.deliveries()).map(({ state }) => state).toSorted()).toEqual([
      'queued',
      'sent',
      'sent',
    ]);
  });
});

describe('markSending', () => {
  it('marks one of two invitations between the same two members that two processes mark at the same time', async () => {
    const { first, second } = await claimSimultaneousInvitations();
    const release = await lockRow(first);
    const both = [markSending(harness.pool, [first], 60_000, LIMITS)];
    try {
      await readUntil(lockWaiters, (count) => count === 1);
      let hasEnded = false;
      both.push(markSending(harness.pool, [second], 60_000, LIMITS).finally(() => (hasEnded = true)));
      await readUntil(lockWaiters, (count) => hasEnded || count === 2);
    } finally {
      await release();
    }
    expect(await Promise.all(both)).toEqual([['marked'], ['TOO_SOON']]);
  });
});

describe('renewClaims', () => {
  it('skips rows that another transaction has locked, so that it cannot deadlock', async () => {
    const { handler } = harness.create();
    await handler.handle([profile('alice'), profile('bob'), sent('alice', 'bob'), sent('alice', 'bob')]);
    const [first, second] = await claimDueDeliveries(harness.pool, 2, 60_000);
    const tx = await harness.pool.connect();
    try {
      const recordSent = (delivery: ClaimedDelivery) =>
        recordFinalOutcomes(tx, [{ delivery, outcome: { state: 'sent' } }]);
      await tx.query('BEGIN');
      await recordSent(second!);
      const dueAt = async () =>
        (
          await harness.pool.query<{ at: string }>(
            'SELECT due_at AS at FROM notification.deliveries WHERE event_id = $1',
            [first!.eventId],
          )
        ).rows[0]!.at;
      const before = await dueAt();
      await renewClaims(harness.pool, [first!, second!], 120_000);
      expect((await dueAt()) > before).toBe(true);
      await recordSent(first!);
      await tx.query('COMMIT');
    } finally {
      tx.release();
    }
    expect((await harness.deliveries()).map(({ state }) => state)).toEqual(['sent', 'sent']);
  });
});
