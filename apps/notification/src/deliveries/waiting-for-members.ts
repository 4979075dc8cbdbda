import type { Queryable } from '#libs/platform';

const KNOWN = (column: string) => `EXISTS (SELECT FROM notification.members WHERE id = ${column})`;

/**
 * Deliveries that wait for one of these members, and now know both, are due: topics have no order between them.
 * Called when profiles are committed, and once more when a delivery has begun to wait: whichever of the two is later
 * sees both. A row that another transaction holds is being looked at anyway.
 */
export async function wakeDeliveriesOf(db: Queryable, memberIds: readonly string[]): Promise<void> {
  for (const column of ['recipient_id', 'about_id'] as const) {
    await db.query(
      `UPDATE notification.deliveries SET due_at = now() WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM notification.deliveries
         WHERE state = 'queued' AND reason = 'MEMBER_UNKNOWN' AND claim IS NULL AND ${column} = ANY($1)
           AND ${KNOWN('recipient_id')} AND ${KNOWN('about_id')}
         FOR UPDATE SKIP LOCKED))`,
      [memberIds],
    );
  }
}
