import type { Queryable } from '#libs/platform';
import { pageOf, type Page, type PageRequest } from './page.js';

/** An invitation as its recipient sees it: who invites, but not their e-mail address. */
export interface WaitingInvitation {
  readonly invitationId: string;
  readonly inviter: {
    readonly id: string;
    readonly name: string;
    readonly headline: string;
    readonly profileUrl: string;
  };
  readonly message?: string;
  readonly sentAt: string;
}

interface Row {
  readonly invitation_id: string;
  readonly inviter_id: string;
  readonly name: string | null;
  readonly headline: string | null;
  readonly profile_url: string | null;
  readonly message: string | null;
  readonly sent_at: string;
}

/** R9: what waits for the member's answer. */
export const findInbox = (
  db: Queryable,
  memberId: string,
  page: PageRequest,
): Promise<Page<WaitingInvitation>> => findWaiting(db, 'read_models.inbox', 'true', memberId, page);

/** R19: what the member has ignored. */
export const findArchive = (
  db: Queryable,
  memberId: string,
  page: PageRequest,
): Promise<Page<WaitingInvitation>> => findWaiting(db, 'read_models.archive', 'i.ignored', memberId, page);

function findWaiting(
  db: Queryable,
  table: string,
  condition: string,
  memberId: string,
  page: PageRequest,
): Promise<Page<WaitingInvitation>> {
  const query = `SELECT i.invitation_id, i.inviter_id, m.name, m.headline, m.profile_url, i.message, i.sent_at
    FROM ${table} i LEFT JOIN read_models.members m ON m.id = i.inviter_id
    WHERE i.recipient_id = $1 AND ${condition} AND (i.sent_at, i.invitation_id) < ($2, $3)
    ORDER BY i.sent_at DESC, i.invitation_id DESC LIMIT $4`;
  return pageOf(
    page,
    async ({ at, id }, limit) => (await db.query<Row>(query, [memberId, at, id, limit])).rows.map(fromRow),
    ({ sentAt, invitationId }) => ({ at: sentAt, id: invitationId }),
  );
}

/** An invitation that its recipient can still accept, from the inbox or the archive (D5). */
export async function findOpenInvitation(
  db: Queryable,
  memberId: string,
  invitationId: string,
): Promise<WaitingInvitation | undefined> {
  const { rows } = await db.query<Row>(
    `SELECT i.invitation_id, i.inviter_id, m.name, m.headline, m.profile_url, i.message, i.sent_at
     FROM read_models.archive i LEFT JOIN read_models.members m ON m.id = i.inviter_id
     WHERE i.invitation_id = $1 AND i.recipient_id = $2`,
    [invitationId, memberId],
  );
  return rows[0] && fromRow(rows[0]);
}

/** An inviter whose profile has been removed is still named by their id. */
function fromRow(row: Row): WaitingInvitation {
  return {
    invitationId: row.invitation_id,
    inviter: {
      id: row.inviter_id,
      name: row.name ?? row.inviter_id,
      headline: row.headline ?? '',
      profileUrl: row.profile_url ?? '',
    },
    ...(row.message === null ? {} : { message: row.message }),
    sentAt: row.sent_at,
  };
}
