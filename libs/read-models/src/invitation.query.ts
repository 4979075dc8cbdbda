import { inviterOf } from '#libs/invitation';
import type { Queryable } from '#libs/platform';
import { WAITING_COLUMNS, waitingInvitations } from './inbox.sql.js';
import type { SentStatus } from './sent.projection.js';

/** An invitation as its recipient sees it: with its inviter, but without the inviter's e-mail address. */
export interface ReceivedInvitation {
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

/** What `SELECT_RECEIVED` returns. */
export interface ReceivedInvitationRow {
  readonly invitation_id: string;
  readonly inviter_id: string;
  readonly name: string | null;
  readonly headline: string | null;
  readonly profile_url: string | null;
  readonly message: string | null;
  readonly sent_at: string;
}

/** Expects the invitation as `i` and its inviter, left joined, as `m`. */
export const SELECT_RECEIVED = `SELECT i.invitation_id, i.inviter_id, m.name, m.headline, m.profile_url, i.message, i.sent_at`;

/** An inviter whose profile was removed is shown by their id. */
export function toReceivedInvitation(row: ReceivedInvitationRow): ReceivedInvitation {
  const { invitation_id: invitationId, message, sent_at: sentAt } = row;
  const inviter = {
    id: row.inviter_id,
    name: row.name ?? row.inviter_id,
    headline: row.headline ?? '',
    profileUrl: row.profile_url ?? '',
  };
  return message === null ? { invitationId, inviter, sentAt } : { invitationId, inviter, message, sentAt };
}

/** An invitation that its recipient can still accept, from the inbox or the archive (D5). */
export async function findOpenInvitation(
  db: Queryable,
  memberId: string,
  invitationId: string,
): Promise<ReceivedInvitation | undefined> {
  const { rows } = await db.query<ReceivedInvitationRow>({
    name: 'find open invitation',
    text: `${SELECT_RECEIVED} FROM read_models.archive i LEFT JOIN read_models.members m ON m.id = i.inviter_id
      WHERE i.invitation_id = $1 AND i.recipient_id = $2`,
    values: [invitationId, memberId],
  });
  return rows[0] && toReceivedInvitation(rows[0]);
}

/**
 * Finds the open invitation that has superseded an earlier one (D16), directly or through others. An inviter has at most one
 * open invitation to a recipient. It has superseded the earlier one, unless that is in the sent list in another way, or one that was
 * sent later was withdrawn or has expired: then the open one is a new beginning. Such an invitation stays in the sent list for ever.
 * @param openAt when the earlier one was open; undefined if that is not known
 */
export async function findSupersedingInvitation(
  db: Queryable,
  memberId: string,
  earlierId: string,
  openAt: Date | undefined,
): Promise<ReceivedInvitation | undefined> {
  const { rows } = await db.query<ReceivedInvitationRow>({
    name: 'find superseding invitation',
    text: `${SELECT_RECEIVED} FROM (
       ${waitingInvitations('recipient_id = $1')}
       UNION ALL
       SELECT ${WAITING_COLUMNS} FROM read_models.archive WHERE recipient_id = $1 AND ignored
     ) i LEFT JOIN read_models.members m ON m.id = i.inviter_id
     WHERE i.inviter_id = $2
       AND NOT EXISTS (SELECT FROM read_models.sent WHERE invitation_id = $3 AND status <> 'superseded')
       AND NOT EXISTS (SELECT FROM read_models.sent s WHERE s.inviter_id = $2 AND s.recipient_id = $1
         AND s.status IN ('withdrawn', 'expired') AND s.sent_at >= $4)
     ORDER BY i.sent_at DESC LIMIT 1`,
    values: [memberId, inviterOf(earlierId), earlierId, (openAt ?? new Date(0)).toISOString()],
  });
  return rows[0] && toReceivedInvitation(rows[0]);
}

/** The open invitation to which a link of an e-mail leads: its own, or the one that has superseded it (D16). */
export const findLinkedInvitation = async (
  db: Queryable,
  memberId: string,
  invitationId: string,
): Promise<ReceivedInvitation | undefined> =>
  (await findOpenInvitation(db, memberId, invitationId)) ??
  findSupersedingInvitation(db, memberId, invitationId, undefined);

/** To whom an invitation was sent, and its status. Only its inviter gets it, unless it was superseded. */
export interface SentInvitationSummary {
  readonly recipientId: string;
  readonly name: string;
  readonly status: SentStatus;
}

export async function findSentInvitation(
  db: Queryable,
  inviterId: string,
  invitationId: string,
): Promise<SentInvitationSummary | undefined> {
  const { rows } = await db.query<SentInvitationSummary>({
    name: 'find sent invitation',
    text: `SELECT s.recipient_id AS "recipientId", coalesce(m.name, s.recipient_id) AS name, s.status
      FROM read_models.sent s LEFT JOIN read_models.members m ON m.id = s.recipient_id
      WHERE s.invitation_id = $1 AND s.inviter_id = $2 AND s.status <> 'superseded'`,
    values: [invitationId, inviterId],
  });
  return rows[0];
}

/** The other member of an invitation, and when it was sent, which is its place in the lists. */
export interface Counterpart {
  readonly memberId: string;
  readonly name: string;
  readonly sentAt: string;
}

/** The other member, for the inviter or the recipient of an invitation; undefined for anybody else. */
export async function findCounterpart(
  db: Queryable,
  memberId: string,
  invitationId: string,
): Promise<Counterpart | undefined> {
  const { rows } = await db.query<Counterpart>({
    name: 'find counterpart',
    text: `SELECT m.id AS "memberId", m.name, s.sent_at AS "sentAt" FROM read_models.sent s
     JOIN read_models.members m ON m.id = CASE s.inviter_id WHEN $1 THEN s.recipient_id ELSE s.inviter_id END
     WHERE s.invitation_id = $2 AND $1 IN (s.inviter_id, s.recipient_id)`,
    values: [memberId, invitationId],
  });
  return rows[0];
}

/** Which of the invitations the recipient has replied to. Both members know that (R16). */
export async function findRepliedInvitations(
  db: Queryable,
  recipientId: string,
  invitationIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (invitationIds.length === 0) return new Set();
  const { rows } = await db.query<{ invitation_id: string }>({
    name: 'find replied invitations',
    text: `SELECT invitation_id FROM read_models.sent
      WHERE invitation_id = ANY($1) AND recipient_id = $2 AND status = 'replied'`,
    values: [invitationIds, recipientId],
  });
  return new Set(rows.map(({ invitation_id: id }) => id));
}

/** In which lists an invitation is. A client that has just sent a command compares it to see when the lists are up to date. */
export interface InvitationListState {
  readonly inInbox: boolean;
  /** Undefined when the invitation is in neither the inbox nor the archive. */
  readonly ignored?: boolean;
  readonly sent?: SentStatus;
}

export async function findInvitationListState(
  db: Queryable,
  invitationId: string,
): Promise<InvitationListState> {
  const { rows } = await db.query<{
    readonly in_inbox: boolean;
    readonly ignored: boolean | null;
    readonly sent: SentStatus | null;
  }>({
    name: 'find list state',
    text: `SELECT EXISTS (${waitingInvitations('invitation_id = $1')}) AS in_inbox,
        (SELECT ignored FROM read_models.archive WHERE invitation_id = $1) AS ignored,
        (SELECT status FROM read_models.sent WHERE invitation_id = $1 AND status <> 'superseded') AS sent`,
    values: [invitationId],
  });
  const { in_inbox: inInbox = false, ignored = null, sent = null } = rows[0] ?? {};
  return {
    inInbox,
    ...(ignored === null ? {} : { ignored }),
    ...(sent === null ? {} : { sent }),
  };
}
