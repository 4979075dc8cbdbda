import type { Queryable } from '#libs/platform';
import type { SentStatus } from './sent.projection.js';

/** To whom an invitation went and how it stands, for its inviter only. */
export interface SentTo {
  readonly recipientId: string;
  readonly name: string;
  readonly status: SentStatus;
}

export async function findSentTo(
  db: Queryable,
  inviterId: string,
  invitationId: string,
): Promise<SentTo | undefined> {
  const { rows } = await db.query<SentTo>(
    `SELECT s.recipient_id AS "recipientId", coalesce(m.name, s.recipient_id) AS name, s.status
     FROM read_models.sent s LEFT JOIN read_models.members m ON m.id = s.recipient_id
     WHERE s.invitation_id = $1 AND s.inviter_id = $2`,
    [invitationId, inviterId],
  );
  return rows[0];
}
