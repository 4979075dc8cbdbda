import type { NamedStatement, Queryable } from '#libs/platform';
import { paginate, statementOf, type Page, type PageRequest, type SearchableList } from './pagination.js';
import type { SentRow, SentStatus } from './sent.projection.js';

/** An invitation as its inviter sees it. It has no field that would tell an ignore or a decline (D1). */
export interface SentInvitation {
  readonly invitationId: string;
  readonly recipient: { readonly id: string; readonly name: string };
  readonly message?: string;
  readonly sentAt: string;
  readonly status: SentStatus;
  /** The text of the recipient's reply (D18). */
  readonly reply?: string;
  readonly repliedAt?: string;
}

/** One that a follow-up has superseded is not in the list: it belongs to the follow-up. */
export type EarlierInvitation = Omit<SentInvitation, 'status'> & { readonly status: SentRow['status'] };

interface SentInvitationRow<Status = SentStatus> {
  readonly invitation_id: string;
  readonly recipient_id: string;
  readonly name: string | null;
  readonly message: string | null;
  readonly sent_at: string;
  readonly status: Status;
  readonly reply: string | null;
  readonly replied_at: string | null;
}

/** Expects the invitation as `s` and its recipient, left joined, as `m`. */
const SELECT_SENT = `SELECT s.invitation_id, s.recipient_id, m.name, s.message, s.sent_at, s.status, s.reply, s.replied_at`;

const SENT: NamedStatement = {
  name: 'find sent',
  text: `${SELECT_SENT}
    FROM (SELECT * FROM read_models.sent
      WHERE inviter_id = $1 AND (sent_at, invitation_id) < ($2, $3) AND status <> 'superseded'
      ORDER BY sent_at DESC, invitation_id DESC LIMIT $4) s
    LEFT JOIN read_models.members m ON m.id = s.recipient_id
    ORDER BY s.sent_at DESC, s.invitation_id DESC`,
};

/** The superseded invitations of an inviter, each with the invitation in the list that it belongs to. */
const SUPERSEDED = `SELECT earlier.*, (
    SELECT later.invitation_id FROM read_models.sent later
    WHERE later.inviter_id = earlier.inviter_id AND later.recipient_id = earlier.recipient_id
      AND later.sent_at >= earlier.sent_at AND later.status <> 'superseded'
    ORDER BY later.sent_at, later.invitation_id LIMIT 1) AS followed_by
  FROM read_models.sent earlier WHERE earlier.inviter_id = $1 AND earlier.status = 'superseded'`;

const SENT_MATCHING: NamedStatement = {
  name: 'search sent',
  text: `${SELECT_SENT}
    FROM read_models.sent s LEFT JOIN read_models.members m ON m.id = s.recipient_id
    WHERE s.inviter_id = $1 AND (s.sent_at, s.invitation_id) < ($2, $3) AND s.status <> 'superseded'
      AND (m.name ILIKE $5 OR s.message ILIKE $5 OR s.reply ILIKE $5 OR s.invitation_id IN (
        SELECT followed_by FROM (${SUPERSEDED}) superseded WHERE message ILIKE $5 OR reply ILIKE $5))
    ORDER BY s.sent_at DESC, s.invitation_id DESC LIMIT $4`,
};

const SENT_LIST: SearchableList = { all: SENT, matching: SENT_MATCHING };

/** The invitations that the member has sent. */
export function findSent(db: Queryable, memberId: string, page: PageRequest): Promise<Page<SentInvitation>> {
  return paginate(
    page,
    async ({ at, id }, limit) =>
      (
        await db.query<SentInvitationRow>(statementOf(SENT_LIST, [memberId, at, id, limit], page.search))
      ).rows.map(toSentInvitation),
    ({ sentAt, invitationId }) => ({ at: sentAt, id: invitationId }),
    ({ message = '', reply = '' }) => Buffer.byteLength(message) + Buffer.byteLength(reply),
  );
}

const toSentInvitation = <Status>(row: SentInvitationRow<Status>) => ({
  invitationId: row.invitation_id,
  recipient: { id: row.recipient_id, name: row.name ?? row.recipient_id },
  ...(row.message === null ? {} : { message: row.message }),
  sentAt: row.sent_at,
  status: row.status,
  ...(row.reply === null ? {} : { reply: row.reply }),
  ...(row.replied_at === null ? {} : { repliedAt: row.replied_at }),
});

/** A reply to an invitation that was superseded afterwards. */
export interface EarlierReply {
  readonly invitationId: string;
  readonly reply: string;
  readonly repliedAt: string;
}

/** Returns the replies to what these invitations of one inviter have superseded, by the ids of these, the newest first (D18). */
export async function findEarlierReplies(
  db: Queryable,
  inviterId: string,
  invitations: readonly SentInvitation[],
): Promise<ReadonlyMap<string, readonly EarlierReply[]>> {
  if (invitations.length === 0) return new Map();
  const { rows } = await db.query<EarlierReply & { readonly followedBy: string }>({
    name: 'find earlier replies',
    text: `SELECT invitation_id AS "invitationId", reply, replied_at AS "repliedAt", followed_by AS "followedBy"
      FROM (${SUPERSEDED} AND earlier.recipient_id = ANY($2) AND earlier.reply IS NOT NULL) superseded
      WHERE followed_by = ANY($3) ORDER BY sent_at DESC, invitation_id DESC`,
    values: [
      inviterId,
      [...new Set(invitations.map(({ recipient }) => recipient.id))],
      invitations.map(({ invitationId }) => invitationId),
    ],
  });
  const replies = rows.map(({ followedBy, ...reply }) => ({ followedBy, reply }));
  return new Map(
    [...Map.groupBy(replies, ({ followedBy }) => followedBy)].map(([id, group]) => [
      id,
      group.map(({ reply }) => reply),
    ]),
  );
}

/** Earlier invitations of each recipient that are returned beside the newest one. */
const MAX_EARLIER = 5;

/**
 * Returns the invitations to each of the recipients, newest first, whatever page of the sent list they are on. It walks the inviter's
 * own rows, whose number the limit bounds (R2).
 */
export async function findSentHistory(
  db: Queryable,
  inviterId: string,
  recipientIds: readonly string[],
): Promise<ReadonlyMap<string, readonly EarlierInvitation[]>> {
  if (recipientIds.length === 0) return new Map();
  const { rows } = await db.query<SentInvitationRow<SentRow['status']>>({
    name: 'find sent history',
    text: `${SELECT_SENT}
      FROM (SELECT *, row_number() OVER (PARTITION BY recipient_id
          ORDER BY sent_at DESC, status = 'superseded', invitation_id DESC) AS nth
        FROM read_models.sent WHERE inviter_id = $1 AND recipient_id = ANY($2)) s
      LEFT JOIN read_models.members m ON m.id = s.recipient_id
      WHERE s.nth <= ${MAX_EARLIER + 1} ORDER BY s.recipient_id, s.nth`,
    values: [inviterId, [...new Set(recipientIds)]],
  });
  return Map.groupBy(rows.map(toSentInvitation), ({ recipient }) => recipient.id);
}
