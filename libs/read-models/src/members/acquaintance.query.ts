import type { Queryable } from '#libs/platform';

/** Another member as one sees them who has to do with them. */
export interface Acquaintance {
  readonly name: string;
  readonly headline: string;
  readonly profileUrl: string;
}

/**
 * A member whom the viewer has invited, by whom they are invited, with whom they are connected, or who is the viewer.
 * Nobody else: who asks for ids at random is to learn nothing, not even which members there are.
 */
export async function findAcquaintance(
  db: Queryable,
  viewerId: string,
  memberId: string,
): Promise<Acquaintance | undefined> {
  const { rows } = await db.query<Acquaintance>(
    `SELECT name, headline, profile_url AS "profileUrl" FROM read_models.members
     WHERE id = $2 AND ($1 = $2
       OR EXISTS (SELECT FROM read_models.sent WHERE inviter_id = $1 AND recipient_id = $2)
       OR EXISTS (SELECT FROM read_models.inbox WHERE recipient_id = $1 AND inviter_id = $2)
       OR EXISTS (SELECT FROM read_models.archive WHERE recipient_id = $1 AND inviter_id = $2 AND ignored)
       OR EXISTS (SELECT FROM read_models.connections WHERE member_id = $1 AND other_id = $2))`,
    [viewerId, memberId],
  );
  return rows[0];
}
