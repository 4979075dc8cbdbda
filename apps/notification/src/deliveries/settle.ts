import type { Queryable } from '#libs/platform';
import type { Claimed, Reason } from './delivery.js';

/** What became of a delivery, for good. */
export interface Settlement {
  readonly state: 'sent' | 'suppressed' | 'failed' | 'unknown';
  readonly reason?: Reason;
  readonly smtpCode?: number;
}

const MINE = 'event_id = $1 AND recipient_id = $2 AND kind = $3 AND claim = $4';

const keyOf = ({ eventId, recipientId, kind, claim }: Claimed) => [eventId, recipientId, kind, claim];

/**
 * Writes down the end of a delivery; what it says is no longer needed. A result that comes after the transfer's time
 * was up still replaces `unknown`.
 * @returns false where another has the delivery by now
 */
export async function settle(db: Queryable, delivery: Claimed, settlement: Settlement): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE notification.deliveries
     SET state = $5, reason = $6, smtp_code = $7, content = NULL, settled_at = now()
     WHERE ${MINE} AND state IN ('queued', 'sending', 'unknown')`,
    [...keyOf(delivery), settlement.state, settlement.reason ?? null, settlement.smtpCode ?? null],
  );
  return rowCount === 1;
}

/** What hinders a delivery now, and when it is tried again. */
export interface Postponement {
  readonly reason: Reason;
  readonly smtpCode?: number;
  readonly inMs: number;
  /** What it ends as when it has been tried for `giveUpMs`. */
  readonly endsAs: 'suppressed' | 'failed';
  readonly giveUpMs: number;
}

/** Puts a delivery back into the queue, and gives the claim up. @returns what it is now */
export async function postpone(
  db: Queryable,
  delivery: Claimed,
  postponement: Postponement,
): Promise<string | undefined> {
  const { rows } = await db.query<{ state: string }>(
    `UPDATE notification.deliveries
     SET state = CASE WHEN created_at < oldest THEN $8 ELSE 'queued' END,
         settled_at = CASE WHEN created_at < oldest THEN now() END,
         content = CASE WHEN created_at < oldest THEN NULL ELSE content END,
         claim = NULL, reason = $5, smtp_code = $6, attempts = attempts + 1,
         due_at = now() + $7 * interval '1 millisecond'
     FROM (SELECT now() - $9 * interval '1 millisecond' AS oldest) limits
     WHERE ${MINE} AND state IN ('queued', 'sending') RETURNING state`,
    [
      ...keyOf(delivery),
      postponement.reason,
      postponement.smtpCode ?? null,
      postponement.inMs,
      postponement.endsAs,
      postponement.giveUpMs,
    ],
  );
  return rows[0]?.state;
}
