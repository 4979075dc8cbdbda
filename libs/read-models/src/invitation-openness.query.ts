import type { Queryable } from '#libs/platform';

/** Whether an invitation still asks for an answer: `open` also while it is ignored (D1, D15). */
export type Openness = 'open' | 'closed';

/**
 * Tells for invitations whether they are open and without a reply. One that the lists do not show is missing in the result: it
 * may be closed without a trace in the inviter's list, as after a decline, or the lists may lag behind. For the service only,
 * not for members.
 */
export async function findOpenness(
  db: Queryable,
  invitationIds: readonly string[],
): Promise<ReadonlyMap<string, Openness>> {
  if (invitationIds.length === 0) return new Map();
  const { rows } = await db.query<{ id: string; openness: Openness | null }>({
    name: 'find openness',
    text: `SELECT asked.id, CASE WHEN sent.status <> 'pending' THEN 'closed'
        WHEN archive.invitation_id IS NOT NULL THEN 'open' END AS openness
      FROM unnest($1::text[]) AS asked (id)
      LEFT JOIN read_models.archive ON archive.invitation_id = asked.id
      LEFT JOIN read_models.sent ON sent.invitation_id = asked.id`,
    values: [invitationIds],
  });
  return new Map(rows.flatMap(({ id, openness }) => (openness === null ? [] : [[id, openness]])));
}
