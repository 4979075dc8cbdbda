import { assertNever, type InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/read-only';
import { INVITATION_COLUMNS, invitationKeys, invitationRow, type InvitationRow } from './invitation-row.js';

export type SentStatus = 'pending' | 'replied' | 'accepted' | 'withdrawn' | 'expired';

export interface SentRow extends InvitationRow {
  readonly status: SentStatus | 'superseded';
  /** The text of the reply (D18); null if there is none. */
  readonly reply: string | null;
  readonly replied_at: string | null;
}

/**
 * The invitations of an inviter. An ignore, a restore or a decline does not change a row in any way (D1). One that a follow-up
 * supersedes stays as a part of the follow-up (D2), and a connection removes it (D8). An expired one stays, like a withdrawn one (D22).
 * The text of a reply stays with its invitation (D18).
 */
export const sentProjection: RowProjection<InvitationEvent, SentRow> = {
  name: 'sent',
  table: {
    name: 'read_models.sent',
    columns: { ...INVITATION_COLUMNS, status: 'text', reply: 'text', replied_at: 'timestamptz' },
  },
  keysOf: invitationKeys,
  ignoresPreviousRow: (event) => event.type === 'InvitationSent' && event.supersedes === undefined,
  erasure: {
    membersOf: ({ inviter_id: inviter, recipient_id: recipient }) => [inviter, recipient],
    without(row, isErased) {
      if (isErased(row.inviter_id)) return undefined;
      return row.reply !== null && isErased(row.recipient_id) ? { ...row, reply: null } : row;
    },
  },
  fold(row, event, key) {
    switch (event.type) {
      case 'InvitationSent':
        return key === event.invitationId
          ? { ...invitationRow(event), status: 'pending', reply: null, replied_at: null }
          : row && { ...row, status: 'superseded' };
      case 'InvitationAccepted':
        return row && { ...row, status: 'accepted' };
      case 'InvitationReplied':
        return row && { ...row, status: 'replied', reply: event.message, replied_at: event.at };
      case 'InvitationWithdrawn':
        return row && { ...row, status: 'withdrawn' };
      case 'InvitationExpired':
        return row && { ...row, status: 'expired' };
      case 'InvitationClosed':
      case 'ConnectionRecorded':
        return undefined;
      case 'InvitationIgnored':
      case 'InvitationRestored':
      case 'InvitationDeclined':
      case 'InvitationReminderDue':
      case 'AccountRestricted':
      case 'AccountRestrictionLifted':
      case 'AccountClosed':
      case 'ConnectionEnded':
        return row;
      default:
        return assertNever(event);
    }
  },
};
