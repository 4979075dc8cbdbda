import { isClosedAccount } from '#libs/account-state';
import type { Queryable } from '#libs/platform';
import { waitingInvitations } from './inbox.sql.js';

/** What the header of every page shows a member about themselves. */
export interface MemberOverview {
  /** Undefined while the profile is not known, and once the account is closed (D23). */
  readonly name?: string;
  /** The invitations in the inbox, at most MAX_COUNTED. */
  readonly waiting: number;
  /** Whether the member can send no invitation at the moment (R26). */
  readonly isRestricted: boolean;
}

/** Counting stops here, so that a full inbox costs no more than this. */
export const MAX_COUNTED = 100;

export async function findMemberOverview(db: Queryable, memberId: string): Promise<MemberOverview> {
  const { rows } = await db.query<{ name: string | null; waiting: number; restricted: boolean | null }>({
    name: 'find member overview',
    text: `SELECT (SELECT name FROM read_models.members WHERE id = $1 AND NOT ${isClosedAccount('$1')}) AS name,
       (SELECT count(*)::int FROM
         (${waitingInvitations('recipient_id = $1', `LIMIT ${MAX_COUNTED}`)}) AS counted) AS waiting,
       (SELECT restricted FROM read_models.account_restriction WHERE account_id = $1) AS restricted`,
    values: [memberId],
  });
  const { name = null, waiting = 0, restricted = null } = rows[0] ?? {};
  return { ...(name === null ? {} : { name }), waiting, isRestricted: restricted ?? false };
}

/** What has happened to a member's inbox since they looked at it. */
export interface InboxNews {
  /** The invitations in the inbox, at most MAX_COUNTED. */
  readonly waiting: number;
  /** Those of them that were sent after the given instant. */
  readonly fresh: number;
}

const NEWEST = `ORDER BY sent_at DESC, invitation_id DESC LIMIT ${MAX_COUNTED}`;

/** @param after ISO 8601 */
export async function findInboxNews(db: Queryable, memberId: string, after: string): Promise<InboxNews> {
  const { rows } = await db.query<InboxNews>({
    name: 'find inbox news',
    text: `SELECT count(*)::int AS waiting, count(*) FILTER (WHERE sent_at > $2)::int AS fresh
      FROM (${waitingInvitations('recipient_id = $1', NEWEST)}) AS newest`,
    values: [memberId, after],
  });
  return rows[0]!;
}
