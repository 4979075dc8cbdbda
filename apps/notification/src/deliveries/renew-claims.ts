import type { Queryable } from '#libs/platform';
import type { Claimed } from './delivery.js';

/** Keeps what is under way from being taken for abandoned, for another `claimMs`. What was lost already stays lost. */
export async function renewClaims(
  db: Queryable,
  deliveries: readonly Claimed[],
  claimMs: number,
): Promise<void> {
  if (deliveries.length === 0) return;
  await db.query(
    `UPDATE notification.deliveries d SET due_at = now() + $5 * interval '1 millisecond'
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS mine (event_id, recipient_id, kind, claim)
     WHERE d.event_id = mine.event_id AND d.recipient_id = mine.recipient_id AND d.kind = mine.kind
       AND d.claim = mine.claim AND d.state IN ('queued', 'sending')`,
    [
      deliveries.map(({ eventId }) => eventId),
      deliveries.map(({ recipientId }) => recipientId),
      deliveries.map(({ kind }) => kind),
      deliveries.map(({ claim }) => claim),
      claimMs,
    ],
  );
}
