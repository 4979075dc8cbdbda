import type { Queryable } from '#libs/platform';

/**
 * Transfers whose time was up without a result: whoever began them died in the middle. Whether the server has taken the
 * e-mail cannot be found out (RFC 1047), so it is either left at that or, where losing one is worse than repeating one,
 * sent again under the same Message-ID. One whose result is being written at the moment is not abandoned.
 * @returns how many
 */
export async function settleAbandoned(db: Queryable, unclear: 'keep' | 'resend'): Promise<number> {
  const { rowCount } = await db.query(
    `UPDATE notification.deliveries SET reason = 'CLAIM_RAN_OUT', ${
      unclear === 'keep' ? `state = 'unknown', settled_at = now()` : `state = 'queued', claim = NULL`
    } WHERE ctid = ANY(ARRAY(
       SELECT ctid FROM notification.deliveries
       WHERE state = 'sending' AND due_at <= now() FOR UPDATE SKIP LOCKED))`,
  );
  return rowCount ?? 0;
}

/** How long what an e-mail says is kept while its outcome is unknown, for an operator to send it again. */
const KEPT_DAYS = 30;

/** Drops the texts of e-mails that nobody has sent again; their rows stay. */
export async function dropOldTexts(db: Queryable): Promise<void> {
  await db.query(
    `UPDATE notification.deliveries SET content = NULL
     WHERE state = 'unknown' AND settled_at < now() - $1 * interval '1 day' AND content IS NOT NULL`,
    [KEPT_DAYS],
  );
}
