import type { Queryable } from '#libs/platform';
import type { Claimed, Reason } from './delivery.js';

/** What hinders a delivery now, and when it is tried again. */
export interface Postponement {
  readonly reason: Reason;
  readonly smtpCode?: number;
  readonly inMs: number;
  /** What it ends as when it has been tried for `giveUpMs`. */
  readonly endsAs: 'suppressed' | 'failed';
  readonly giveUpMs: number;
}

/**
 * Puts a delivery back into the queue, and gives the claim up. The last attempt is when `giveUpMs` are over, not after.
 * @returns what it is now
 */
export async function postpone(
  db: Queryable,
  { eventId, recipientId, kind, claim }: Claimed,
  { reason, smtpCode, inMs, endsAs, giveUpMs }: Postponement,
): Promise<string | undefined> {
  const { rows } = await db.query<{ state: string }>(
    `UPDATE notification.deliveries
     SET state = CASE WHEN created_at < oldest THEN $8 ELSE 'queued' END,
         settled_at = CASE WHEN created_at < oldest THEN now() END,
         content = CASE WHEN created_at < oldest THEN NULL ELSE content END,
         claim = NULL, reason = $5, smtp_code = $6, attempts = attempts + 1,
         due_at = LEAST(now() + $7 * interval '1 millisecond', created_at + (now() - oldest))
     FROM (SELECT now() - $9 * interval '1 millisecond' AS oldest) limits
     WHERE event_id = $1 AND recipient_id = $2 AND kind = $3 AND claim = $4 AND state IN ('queued', 'sending')
     RETURNING state`,
    [eventId, recipientId, kind, claim, reason, smtpCode ?? null, inMs, endsAs, giveUpMs],
  );
  return rows[0]?.state;
}
