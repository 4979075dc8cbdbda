import type { Queryable } from '#libs/platform';
import { pageOf, type Page, type PageRequest } from '../page.js';
import type { SentStatus } from './sent.projection.js';

/** An invitation as its inviter sees it, and nothing that tells more (D1). */
export interface SentInvitation {
  readonly invitationId: string;
  readonly recipient: { readonly id: string; readonly name: string };
  readonly message?: string;
  readonly sentAt: string;
  readonly status: SentStatus;
}

interface Row {
  readonly invitation_id: string;
  readonly recipient_id: string;
  readonly name: string | null;
  readonly message: string | null;
  readonly sent_at: string;
  readonly status: SentStatus;
}

const QUERY = `SELECT s.invitation_id, s.recipient_id, m.name, s.message, s.sent_at, s.status
  FROM read_models.sent s LEFT JOIN read_models.members m ON m.id = s.recipient_id
  WHERE s.inviter_id = $1 AND (s.sent_at, s.invitation_id) < ($2, $3)
  ORDER BY s.sent_at DESC, s.invitation_id DESC LIMIT $4`;

export function findSent(db: Queryable, memberId: string, page: PageRequest): Promise<Page<SentInvitation>> {
  return pageOf(
    page,
    async ({ at, id }, limit) => (await db.query<Row>(QUERY, [memberId, at, id, limit])).rows.map(fromRow),
    ({ sentAt, invitationId }) => ({ at: sentAt, id: invitationId }),
  );
}

function fromRow(row: Row): SentInvitation {
  return {
    invitationId: row.invitation_id,
    recipient: { id: row.recipient_id, name: row.name ?? row.recipient_id },
    ...(row.message === null ? {} : { message: row.message }),
    sentAt: row.sent_at,
    status: row.status,
  };
}
