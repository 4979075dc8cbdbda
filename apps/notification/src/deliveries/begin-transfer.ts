import { inTransaction, type Pool, type Queryable } from '#libs/platform';
import { betweenTwoMailsLock, sentSince } from '../invitation-sent/mail-interval.js';
import type { Claimed } from './delivery.js';

export type Begun = 'begun' | 'claim lost' | 'too soon';

/**
 * Notes that the transfer begins, just before it does. Until then a crash leaves a delivery that is sent later; from here
 * on, one of unknown outcome. The claim is checked here, so that of two who hold one delivery only one sends it.
 */
export function beginTransfer(
  pool: Pool,
  delivery: Claimed,
  claimMs: number,
  invitationIntervalMs: number,
): Promise<Begun> {
  return inTransaction(pool, async (tx) => {
    if (delivery.kind === 'invitation' && invitationIntervalMs > 0) {
      await betweenTwoMailsLock(tx, delivery);
      if (await sentSince(tx, delivery, invitationIntervalMs)) return 'too soon';
    }
    return (await markSending(tx, delivery, claimMs)) ? 'begun' : 'claim lost';
  });
}

async function markSending(tx: Queryable, delivery: Claimed, claimMs: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE notification.deliveries SET state = 'sending', due_at = now() + $5 * interval '1 millisecond'
     WHERE event_id = $1 AND recipient_id = $2 AND kind = $3 AND claim = $4 AND state = 'queued'`,
    [delivery.eventId, delivery.recipientId, delivery.kind, delivery.claim, claimMs],
  );
  return rowCount === 1;
}
