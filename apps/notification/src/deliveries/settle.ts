import type { Queryable } from '#libs/platform';
import { claimColumns, CLAIMS, IS_MINE } from './claims.sql.js';
import type { Claimed, Reason } from './delivery.js';

/** What became of a delivery, for good. */
export interface Settlement {
  readonly state: 'sent' | 'suppressed' | 'failed' | 'unknown';
  readonly reason?: Reason;
  readonly smtpCode?: number;
}

export interface Settled {
  readonly delivery: Claimed;
  readonly settlement: Settlement;
}

const SETTLE = `UPDATE notification.deliveries d
  SET state = result.state, reason = result.reason, smtp_code = result.code, settled_at = now(),
    content = CASE WHEN result.state = 'unknown' THEN d.content END
  FROM ${CLAIMS} JOIN unnest($5::text[], $6::text[], $7::integer[])
    WITH ORDINALITY AS result (state, reason, code, place) USING (place)
  WHERE ${IS_MINE} AND d.state IN ('queued', 'sending', 'unknown') RETURNING place::integer`;

/**
 * Writes down the end of deliveries; what they say is no longer needed, unless it is unknown whether it was said. A
 * result that comes after the transfer's time was up still replaces `unknown`.
 * @returns false for each that another has by now
 */
export async function settle(db: Queryable, settled: readonly Settled[]): Promise<readonly boolean[]> {
  const { rows } = await db.query<{ place: number }>({
    name: 'settle',
    text: SETTLE,
    values: [
      ...claimColumns(settled.map(({ delivery }) => delivery)),
      settled.map(({ settlement }) => settlement.state),
      settled.map(({ settlement }) => settlement.reason ?? null),
      settled.map(({ settlement }) => settlement.smtpCode ?? null),
    ],
  });
  const places = new Set(rows.map(({ place }) => place));
  return settled.map((_, index) => places.has(index + 1));
}
