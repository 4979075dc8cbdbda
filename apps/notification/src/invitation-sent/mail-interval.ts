import type { Queryable } from '#libs/platform';
import { isQueued } from '../deliveries/claims.sql.js';

/** An invitation e-mail, by whom it is for and about. */
export interface InvitationMail {
  readonly recipientId: string;
  readonly aboutId: string;
}

/** By which two e-mails are known to be between the same two members. */
export const betweenWhom = ({ aboutId, recipientId }: InvitationMail): string => `${aboutId} ${recipientId}`;

/** Two e-mails between the same two members begin one after the other, whichever instances send them. */
export async function betweenTwoMailsLock(tx: Queryable, mails: readonly InvitationMail[]): Promise<void> {
  await tx.query(
    // In one order for all, or two instances could wait for each other.
    `SELECT pg_advisory_xact_lock(key) FROM (
       SELECT DISTINCT hashtextextended('invitation mail ' || who, 0) AS key FROM unnest($1::text[]) AS given (who)
       ORDER BY key) locks`,
    [mails.map(betweenWhom)],
  );
}

/**
 * Whether an invitation e-mail from that inviter went to that recipient less than the interval ago, or may have; asked
 * of the delivery `d`.
 */
export const sentSince = (intervalMs: string): string => `(
    SELECT true FROM notification.deliveries other
    WHERE other.recipient_id = d.recipient_id AND other.about_id = d.about_id AND other.kind = 'invitation'
      AND other.event_id <> d.event_id
      AND (other.state = 'sending' OR (other.state IN ('sent', 'unknown')
        AND other.settled_at > now() - ${intervalMs}::float8 * interval '1 millisecond')) LIMIT 1) IS NOT NULL`;

/**
 * Whether a follow-up is about to be sent. Of the two only one may go, and the links of the earlier one lead to an
 * invitation that is no longer open (D2). Asked of the delivery `d`.
 */
export const followUpIsQueued = `(
    SELECT true FROM notification.deliveries other
    WHERE other.recipient_id = d.recipient_id AND other.about_id = d.about_id AND other.kind = 'invitation'
      AND ${isQueued('other')} AND other.happened_at > d.happened_at LIMIT 1) IS NOT NULL`;
