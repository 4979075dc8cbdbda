import type { Queryable } from '#libs/platform';

/**
 * Transfers whose time was up without a result: whoever began them died in the middle. Whether the server has taken the
 * e-mail cannot be found out (RFC 1047), so it is either left at that or, where losing one is worse than repeating one,
 * sent again under the same Message-ID.
 * @returns how many
 */
export async function settleAbandoned(db: Queryable, unclear: 'keep' | 'resend'): Promise<number> {
  const { rowCount } = await db.query(
    unclear === 'keep'
      ? `UPDATE notification.deliveries
         SET state = 'unknown', reason = 'CLAIM_RAN_OUT', content = NULL, settled_at = now()
         WHERE state = 'sending' AND due_at <= now()`
      : `UPDATE notification.deliveries SET state = 'queued', reason = 'CLAIM_RAN_OUT', claim = NULL
         WHERE state = 'sending' AND due_at <= now()`,
  );
  return rowCount ?? 0;
}
