import type { Queryable } from '#libs/platform';

/** An invitation e-mail, by whom it is for and about. */
export interface InvitationMail {
  readonly eventId: string;
  readonly recipientId: string;
  readonly aboutId: string;
  readonly happenedAt: string;
}

/** Two e-mails between the same two members begin one after the other, whichever instances send them. */
export async function betweenTwoMailsLock(tx: Queryable, mail: InvitationMail): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `invitation mail ${mail.aboutId} ${mail.recipientId}`,
  ]);
}

/** Whether an invitation e-mail from that inviter went to that recipient less than the interval ago, or may have. */
export async function sentSince(db: Queryable, mail: InvitationMail, intervalMs: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT FROM notification.deliveries
     WHERE recipient_id = $1 AND about_id = $2 AND kind = 'invitation' AND event_id <> $3
       AND (state = 'sending' OR (state IN ('sent', 'unknown') AND settled_at > now() - $4 * interval '1 millisecond'))
     LIMIT 1`,
    [mail.recipientId, mail.aboutId, mail.eventId, intervalMs],
  );
  return rowCount === 1;
}

/**
 * Whether a follow-up is about to be sent. Of the two only one may go, and the links of the earlier one lead to an
 * invitation that is no longer open (D2).
 */
export async function followUpIsQueued(db: Queryable, mail: InvitationMail): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT FROM notification.deliveries
     WHERE recipient_id = $1 AND about_id = $2 AND kind = 'invitation' AND state = 'queued' AND happened_at > $3
     LIMIT 1`,
    [mail.recipientId, mail.aboutId, mail.happenedAt],
  );
  return rowCount === 1;
}
