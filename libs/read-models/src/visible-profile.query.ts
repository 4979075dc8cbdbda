import { isClosedAccount } from '#libs/account-state';
import type { Queryable } from '#libs/platform';
import { waitingInvitations } from './inbox.sql.js';

/** What a member may see of another member. */
export interface VisibleProfile {
  readonly name: string;
  readonly headline: string;
  readonly profileUrl: string;
}

/**
 * Finds a member whom the viewer has invited, who has invited the viewer, who is connected with the viewer, or who is the
 * viewer. Returns undefined for all others, so that guessing ids reveals nothing, not even which members exist. One whose account
 * is closed is like an unknown member, also to themselves (D23).
 */
export async function findVisibleProfile(
  db: Queryable,
  viewerId: string,
  memberId: string,
): Promise<VisibleProfile | undefined> {
  const { rows } = await db.query<VisibleProfile>({
    name: 'find visible profile',
    text: `SELECT name, headline, profile_url AS "profileUrl" FROM read_models.members
     WHERE id = $2 AND NOT ${isClosedAccount('$2')} AND ($1 = $2
       OR EXISTS (SELECT FROM read_models.sent WHERE inviter_id = $1 AND recipient_id = $2)
       OR EXISTS (${waitingInvitations('recipient_id = $1 AND inviter_id = $2')})
       OR EXISTS (SELECT FROM read_models.archive WHERE recipient_id = $1 AND inviter_id = $2 AND ignored)
       OR EXISTS (SELECT FROM read_models.connections WHERE member_id = $1 AND other_id = $2))`,
    values: [viewerId, memberId],
  });
  return rows[0];
}
