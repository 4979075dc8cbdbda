import { isClosedAccount } from '#libs/account-state';
import type { Queryable } from '#libs/platform';
import { waitingInvitations } from './inbox.sql.js';
import type { SentStatus } from './sent.projection.js';
import type { VisibleProfile } from './visible-profile.query.js';

/** How a member is related to another one, as far as they may know: a declined invitation of theirs is `pending` (D1). */
export type Relation =
  | { readonly kind: 'self' | 'connected' }
  /** The other member's invitation, in this member's inbox or archive, can be accepted (D5). */
  | { readonly kind: 'invited'; readonly invitationId: string; readonly list: 'inbox' | 'archive' }
  /** This member's own invitation is open, as far as they know. */
  | {
      readonly kind: 'pending';
      readonly invitationId: string;
      readonly status: 'pending' | 'replied';
      readonly sentAt: string;
    }
  /** @param needsEmail whether the next invitation needs the other member's e-mail address (R34) */
  | { readonly kind: 'none'; readonly needsEmail: boolean };

export interface RelatedMember {
  readonly profile: VisibleProfile;
  readonly relation: Relation;
}

interface Row extends VisibleProfile {
  readonly connected: boolean;
  readonly in_inbox: string | null;
  readonly in_archive: string | null;
  readonly sent_id: string | null;
  readonly sent_status: SentStatus | null;
  readonly sent_at: string | null;
}

/** Finds a member with their relation to the viewer (D19). Returns undefined for an unknown member, and for one who has left (D23). */
export async function findRelatedMember(
  db: Queryable,
  viewerId: string,
  memberId: string,
): Promise<RelatedMember | undefined> {
  const { rows } = await db.query<Row>({
    name: 'find related member',
    text: `SELECT m.name, m.headline, m.profile_url AS "profileUrl",
        EXISTS (SELECT FROM read_models.connections WHERE member_id = $1 AND other_id = $2) AS connected,
        (SELECT invitation_id FROM (${waitingInvitations('recipient_id = $1 AND inviter_id = $2')}) waiting
          ORDER BY sent_at DESC LIMIT 1) AS in_inbox,
        (SELECT invitation_id FROM read_models.archive WHERE recipient_id = $1 AND inviter_id = $2 AND ignored
          ORDER BY sent_at DESC LIMIT 1) AS in_archive,
        sent.invitation_id AS sent_id, sent.status AS sent_status, sent.sent_at
      FROM read_models.members m
      LEFT JOIN LATERAL (SELECT invitation_id, status, sent_at FROM read_models.sent
        WHERE inviter_id = $1 AND recipient_id = $2 AND status <> 'superseded' ORDER BY sent_at DESC LIMIT 1) sent ON true
      WHERE m.id = $2 AND NOT ${isClosedAccount('$2')}`,
    values: [viewerId, memberId],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  const { name, headline, profileUrl } = row;
  return { profile: { name, headline, profileUrl }, relation: relationOf(row, viewerId === memberId) };
}

function relationOf(row: Row, isSelf: boolean): Relation {
  if (isSelf) return { kind: 'self' };
  if (row.connected || row.sent_status === 'accepted') return { kind: 'connected' };
  if (row.in_inbox !== null) return { kind: 'invited', invitationId: row.in_inbox, list: 'inbox' };
  if (row.in_archive !== null) return { kind: 'invited', invitationId: row.in_archive, list: 'archive' };
  if (row.sent_status === 'pending' || row.sent_status === 'replied')
    return {
      kind: 'pending',
      invitationId: row.sent_id!,
      status: row.sent_status,
      sentAt: row.sent_at!,
    };
  return { kind: 'none', needsEmail: row.sent_status === 'withdrawn' };
}
