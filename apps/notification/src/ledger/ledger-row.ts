import type { MailKind } from '#libs/mail';
import type { Queryable } from '#libs/platform';
import type { Reason } from '../deliveries/delivery.js';

/** A delivery as operators see it: members by their ids, no address and no text. */
export interface LedgerRow {
  readonly eventId: string;
  readonly kind: MailKind;
  readonly recipientId: string;
  readonly aboutId: string;
  readonly happenedAt: string;
  readonly state: 'queued' | 'sending' | 'sent' | 'suppressed' | 'failed' | 'unknown';
  readonly reason: Reason | null;
  readonly smtpCode: number | null;
  /** That did not succeed. */
  readonly attempts: number;
  /** When its event came. */
  readonly queuedAt: string;
  /** While it is queued: when it is tried next. */
  readonly dueAt: string;
  readonly settledAt: string | null;
}

export async function findByInvitation(db: Queryable, invitationId: string): Promise<LedgerRow[]> {
  const { rows } = await db.query<LedgerRow>(
    `SELECT event_id AS "eventId", kind, recipient_id AS "recipientId", about_id AS "aboutId",
       happened_at AS "happenedAt", state, reason, smtp_code AS "smtpCode", attempts, created_at AS "queuedAt",
       due_at AS "dueAt", settled_at AS "settledAt"
     FROM notification.deliveries WHERE invitation_id = $1 ORDER BY happened_at, kind`,
    [invitationId],
  );
  return rows;
}
