import type { NamedStatement, Queryable } from '#libs/platform';
import { waitingInvitations } from './inbox.sql.js';
import { paginate, type Page, type PageRequest } from './pagination.js';
import {
  SELECT_RECEIVED,
  toReceivedInvitation,
  type ReceivedInvitation,
  type ReceivedInvitationRow,
} from './invitation.query.js';
import type { SentRow, SentStatus } from './sent.projection.js';

/** R9: the invitations that wait for the member's response. */
export const findInbox = (
  db: Queryable,
  memberId: string,
  page: PageRequest,
): Promise<Page<ReceivedInvitation>> => findReceived(db, INBOX, memberId, page);

/** R19: the invitations that the member has ignored. */
export const findArchive = (
  db: Queryable,
  memberId: string,
  page: PageRequest,
): Promise<Page<ReceivedInvitation>> => findReceived(db, ARCHIVE, memberId, page);

/** Selects the rows of a list that meet a condition, in an order and up to a limit. */
type ListedRows = (condition: string, end?: string) => string;

const PAGE_CONDITION = 'recipient_id = $1 AND (sent_at, invitation_id) < ($2, $3)';

/**
 * Walks each index of a list once, and looks up the member of each row on the page. The statements have names, because planning
 * one takes PostgreSQL several times as long as executing it.
 */
const listOf = (name: string, rows: ListedRows): NamedStatement => ({
  name,
  text: `${SELECT_RECEIVED}
    FROM (${rows(PAGE_CONDITION, 'ORDER BY sent_at DESC, invitation_id DESC LIMIT $4')}) i
    LEFT JOIN read_models.members m ON m.id = i.inviter_id
    ORDER BY i.sent_at DESC, i.invitation_id DESC`,
});

/**
 * As `listOf`, of the rows whose inviter or message contains a text. It reads the member's own rows and looks up the inviter of
 * each by itself, so that PostgreSQL never reads all members.
 */
const searchOf = (name: string, rows: ListedRows): NamedStatement => ({
  name,
  text: `${SELECT_RECEIVED}
    FROM (${rows(PAGE_CONDITION)}) i
    LEFT JOIN LATERAL (SELECT * FROM read_models.members WHERE id = i.inviter_id LIMIT 1) m ON true
    WHERE (m.name ILIKE $5 OR i.message ILIKE $5)
    ORDER BY i.sent_at DESC, i.invitation_id DESC LIMIT $4`,
});

interface SearchableList {
  readonly all: NamedStatement;
  readonly matching: NamedStatement;
}

const searchable = (list: string, rows: ListedRows): SearchableList => ({
  all: listOf(`find ${list}`, rows),
  matching: searchOf(`search ${list}`, rows),
});

const INBOX = searchable('inbox', waitingInvitations);
const ARCHIVE = searchable(
  'archive',
  (condition, end = '') => `SELECT * FROM read_models.archive WHERE ignored AND ${condition} ${end}`,
);

/** The statement of a page with its values: that of the matching rows if a text is searched. */
function statementOf({ all, matching }: SearchableList, values: unknown[], search: string | undefined) {
  return search === undefined
    ? { ...all, values }
    : { ...matching, values: [...values, `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`] };
}

function findReceived(
  db: Queryable,
  list: SearchableList,
  memberId: string,
  page: PageRequest,
): Promise<Page<ReceivedInvitation>> {
  return paginate(
    page,
    async ({ at, id }, limit) =>
      (
        await db.query<ReceivedInvitationRow>(statementOf(list, [memberId, at, id, limit], page.search))
      ).rows.map(toReceivedInvitation),
    ({ sentAt, invitationId }) => ({ at: sentAt, id: invitationId }),
  );
}

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

const SENT: NamedStatement = {
  name: 'find sent',
  text: `SELECT s.invitation_id, s.recipient_id, m.name, s.message, s.sent_at, s.status, s.reply, s.replied_at
    FROM (SELECT * FROM read_models.sent
      WHERE inviter_id = $1 AND (sent_at, invitation_id) < ($2, $3) AND status <> 'superseded'
      ORDER BY sent_at DESC, invitation_id DESC LIMIT $4) s
    LEFT JOIN read_models.members m ON m.id = s.recipient_id
    ORDER BY s.sent_at DESC, s.invitation_id DESC`,
};

/** The superseded invitations of an inviter, each with the last of the follow-ups that have superseded it. */
const SUPERSEDED = `SELECT earlier.*, (
    SELECT later.invitation_id FROM read_models.sent later
    WHERE later.inviter_id = earlier.inviter_id AND later.recipient_id = earlier.recipient_id
      AND later.sent_at >= earlier.sent_at AND later.status <> 'superseded'
    ORDER BY later.sent_at, later.invitation_id LIMIT 1) AS followed_by
  FROM read_models.sent earlier WHERE earlier.inviter_id = $1 AND earlier.status = 'superseded'`;

const SENT_MATCHING: NamedStatement = {
  name: 'search sent',
  text: `SELECT s.invitation_id, s.recipient_id, m.name, s.message, s.sent_at, s.status, s.reply, s.replied_at
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
    text: `SELECT s.invitation_id, s.recipient_id, m.name, s.message, s.sent_at, s.status, s.reply, s.replied_at
      FROM (SELECT *, row_number() OVER (PARTITION BY recipient_id
          ORDER BY sent_at DESC, status = 'superseded', invitation_id DESC) AS nth
        FROM read_models.sent WHERE inviter_id = $1 AND recipient_id = ANY($2)) s
      LEFT JOIN read_models.members m ON m.id = s.recipient_id
      WHERE s.nth <= ${MAX_EARLIER + 1} ORDER BY s.recipient_id, s.nth`,
    values: [inviterId, [...new Set(recipientIds)]],
  });
  return Map.groupBy(rows.map(toSentInvitation), ({ recipient }) => recipient.id);
}

/** A connection as one of the two members sees it. */
export interface Connection {
  readonly memberId: string;
  readonly since: string;
}

const CONNECTIONS: NamedStatement = {
  name: 'find connections',
  text: `SELECT other_id AS "memberId", since FROM read_models.connections
    WHERE member_id = $1 AND (since, other_id) < ($2, $3)
    ORDER BY since DESC, other_id DESC LIMIT $4`,
};

export function findConnections(
  db: Queryable,
  memberId: string,
  page: PageRequest,
): Promise<Page<Connection>> {
  return paginate(
    page,
    async ({ at, id }, limit) =>
      (await db.query<Connection>({ ...CONNECTIONS, values: [memberId, at, id, limit] })).rows,
    ({ since, memberId: otherId }) => ({ at: since, id: otherId }),
  );
}
