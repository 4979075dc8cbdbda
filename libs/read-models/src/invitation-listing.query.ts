import type { Queryable } from '#libs/platform';
import type { SentStatus } from './sent/sent.projection.js';

/** How far the lists have got with an invitation. For who has just acted on it, to know when their lists show that. */
export interface InvitationListing {
  readonly inInbox: boolean;
  /** Undefined once it is in neither the inbox nor the archive. */
  readonly ignored?: boolean;
  readonly sent?: SentStatus;
}

interface Row {
  readonly in_inbox: boolean;
  readonly ignored: boolean | null;
  readonly sent: SentStatus | null;
}

const QUERY = `SELECT EXISTS (SELECT FROM read_models.inbox WHERE invitation_id = $1) AS in_inbox,
  (SELECT ignored FROM read_models.archive WHERE invitation_id = $1) AS ignored,
  (SELECT status FROM read_models.sent WHERE invitation_id = $1) AS sent`;

export async function findListing(db: Queryable, invitationId: string): Promise<InvitationListing> {
  const { rows } = await db.query<Row>(QUERY, [invitationId]);
  const { in_inbox: inInbox = false, ignored = null, sent = null } = rows[0] ?? {};
  return {
    inInbox,
    ...(ignored === null ? {} : { ignored }),
    ...(sent === null ? {} : { sent }),
  };
}
