import { randomUUID } from 'node:crypto';
import type { Queryable } from '#libs/platform';
import type { Claimed } from './delivery.js';

/**
 * Claims what is due, oldest first, for `claimMs`. Other instances pass over it until then: one that dies before it
 * has begun a transfer costs that time and nothing else.
 */
export async function claimDue(db: Queryable, limit: number, claimMs: number): Promise<readonly Claimed[]> {
  const { rows } = await db.query<Claimed>(
    `UPDATE notification.deliveries SET claim = $2, due_at = now() + $3 * interval '1 millisecond'
     WHERE (event_id, recipient_id, kind) IN (
       SELECT event_id, recipient_id, kind FROM notification.deliveries
       WHERE state = 'queued' AND due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
     RETURNING event_id AS "eventId", recipient_id AS "recipientId", kind, about_id AS "aboutId",
       happened_at AS "happenedAt", content, claim, attempts`,
    [limit, randomUUID(), claimMs],
  );
  return rows;
}
