import type { Queryable } from '#libs/platform';
import { claimColumns, CLAIMS, IS_MINE } from './claims.sql.js';
import type { Claimed } from './delivery.js';

/**
 * Keeps what is under way from being taken for abandoned, for another `claimMs`. What was lost already stays lost. A row
 * that is being written at the moment has its turn the next time: to wait for several in another order than theirs would
 * be a deadlock.
 */
export async function renewClaims(
  db: Queryable,
  deliveries: readonly Claimed[],
  claimMs: number,
): Promise<void> {
  if (deliveries.length === 0) return;
  await db.query(
    `UPDATE notification.deliveries SET due_at = now() + $5 * interval '1 millisecond'
     WHERE ctid = ANY(ARRAY(
       SELECT d.ctid FROM ${CLAIMS} JOIN notification.deliveries d ON ${IS_MINE}
       WHERE d.state IN ('queued', 'sending') FOR UPDATE OF d SKIP LOCKED))`,
    [...claimColumns(deliveries), claimMs],
  );
}
