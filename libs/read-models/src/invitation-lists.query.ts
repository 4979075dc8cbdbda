import type { NamedStatement, Queryable } from '#libs/platform';
import { waitingInvitations } from './inbox.sql.js';
import { paginate, statementOf, type Page, type PageRequest, type SearchableList } from './pagination.js';
import {
  SELECT_RECEIVED,
  toReceivedInvitation,
  type ReceivedInvitation,
  type ReceivedInvitationRow,
} from './invitation.query.js';

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

const searchable = (list: string, rows: ListedRows): SearchableList => ({
  all: listOf(`find ${list}`, rows),
  matching: searchOf(`search ${list}`, rows),
});

const INBOX = searchable('inbox', waitingInvitations);
const ARCHIVE = searchable(
  'archive',
  (condition, end = '') => `SELECT * FROM read_models.archive WHERE ignored AND ${condition} ${end}`,
);

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
