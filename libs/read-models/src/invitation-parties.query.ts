import type { Queryable } from '#libs/platform';

/** The name of the other one of the two, for a member who is inviter or recipient; undefined for anybody else. */
export async function findOtherName(
  db: Queryable,
  memberId: string,
  invitationId: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT m.name FROM read_models.sent s
     JOIN read_models.members m ON m.id = CASE s.inviter_id WHEN $1 THEN s.recipient_id ELSE s.inviter_id END
     WHERE s.invitation_id = $2 AND $1 IN (s.inviter_id, s.recipient_id)`,
    [memberId, invitationId],
  );
  return rows[0]?.name;
}

/** Which of these the recipient has replied to: they know it, and so does the inviter (R16). */
export async function findReplied(
  db: Queryable,
  recipientId: string,
  invitationIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (invitationIds.length === 0) return new Set();
  const { rows } = await db.query<{ invitation_id: string }>(
    `SELECT invitation_id FROM read_models.sent
     WHERE invitation_id = ANY($1) AND recipient_id = $2 AND status = 'replied'`,
    [invitationIds, recipientId],
  );
  return new Set(rows.map(({ invitation_id: id }) => id));
}
