import type { Queryable } from '#libs/platform';
import type { ClaimedDelivery } from './delivery.js';

/** Why an invitation e-mail is held back (D15). */
export type DeferralReason = 'TOO_SOON' | 'NOT_OPEN';

/**
 * Holds back an invitation e-mail until the interval since the last one between the same two members has passed, and releases its
 * claim. If another one is just being sent, or the lists do not show the invitation, that is looked at again after `recheckMs`.
 * The row is durable, so the e-mail is neither lost nor sent twice by a crash.
 * @returns the state that it is in now; undefined where another process has claimed it since
 */
export async function deferDelivery(
  db: Queryable,
  { eventId, recipientId, kind, claim }: ClaimedDelivery,
  reason: DeferralReason,
  { intervalMs, recheckMs }: { readonly intervalMs: number; readonly recheckMs: number },
): Promise<string | undefined> {
  const { rows } = await db.query<{ state: string }>(
    `UPDATE notification.deliveries d
     SET claim = NULL, reason = $5, smtp_code = NULL, (due_at, deferred_until) = (
       SELECT until, until FROM (
         SELECT GREATEST(CASE $5 WHEN 'NOT_OPEN' THEN recheck_at ELSE now() END,
           max(CASE other.state WHEN 'sending' THEN recheck_at
             ELSE other.settled_at + $6::float8 * interval '1 millisecond' END)) AS until
         FROM (SELECT now() + $7::float8 * interval '1 millisecond' AS recheck_at) recheck
           LEFT JOIN notification.deliveries other
           ON other.recipient_id = d.recipient_id AND other.about_id = d.about_id AND other.kind = 'invitation'
           AND other.event_id <> d.event_id AND other.state IN ('sending', 'sent', 'unknown')
         GROUP BY recheck_at) held)
     WHERE event_id = $1 AND recipient_id = $2 AND kind = $3 AND claim = $4 AND state = 'queued'
     RETURNING state`,
    [eventId, recipientId, kind, claim, reason, intervalMs, recheckMs],
  );
  return rows[0]?.state;
}
