import { randomUUID } from 'node:crypto';
import type { Queryable } from '#libs/platform';
import type { Claimed } from './delivery.js';

/** By the places of the rows, which are locked by then: a join could become a walk through the whole ledger. */
const CLAIM = `UPDATE notification.deliveries SET claim = $2, due_at = now() + $3 * interval '1 millisecond'
  WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM notification.deliveries
    WHERE state = 'queued' AND due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED))
  RETURNING event_id AS "eventId", recipient_id AS "recipientId", kind, about_id AS "aboutId",
    invitation_id AS "invitationId", happened_at AS "happenedAt", valid_until AS "validUntil", content, claim, attempts,
    traceparent`;

/**
 * Claims what is due, oldest first, for `claimMs`. Other instances pass over it until then: one that dies before it
 * has begun a transfer costs that time and nothing else.
 */
export async function claimDue(db: Queryable, limit: number, claimMs: number): Promise<readonly Claimed[]> {
  const { rows } = await db.query<Claimed>(CLAIM, [limit, randomUUID(), claimMs]);
  // They come back in no order: an invitation is to go before its reminder.
  return rows.toSorted((a, b) => Date.parse(a.happenedAt) - Date.parse(b.happenedAt));
}
