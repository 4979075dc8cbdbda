import { assertNever, type InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/read-only';
import {
  INVITATION_COLUMNS,
  invitationKeys,
  invitationRow,
  ignoresPreviousRow,
  type InvitationRow,
} from './invitation-row.js';

export type SentStatus = 'pending' | 'replied' | 'accepted' | 'withdrawn';

export interface SentRow extends InvitationRow {
  readonly status: SentStatus;
  /** The text of the reply (D18); null if there is none. */
  readonly reply: string | null;
  readonly replied_at: string | null;
}

/**
 * The invitations of an inviter. An ignore or a decline does not change a row in any way (D1). A follow-up replaces the
 * invitation that it supersedes (D2), and a connection removes it (D8). The text of a reply stays with it (D18).
 */
export const sentProjection: RowProjection<InvitationEvent, SentRow> = {
  name: 'sent',
  table: {
    name: 'read_models.sent',
    columns: { ...INVITATION_COLUMNS, status: 'text', reply: 'text', replied_at: 'timestamptz' },
  },
  keysOf: invitationKeys,
  ignoresPreviousRow,
  fold(row, event, key) {
    switch (event.type) {
      case 'InvitationSent':
        return key === event.invitationId
          ? { ...invitationRow(event), status: 'pending', reply: null, replied_at: null }
          : undefined;
      case 'InvitationAccepted':
        return row && { ...row, status: 'accepted' };
      case 'InvitationReplied':
        return row && { ...row, status: 'replied', reply: event.message, replied_at: event.at };
      case 'InvitationWithdrawn':
        return row && { ...row, status: 'withdrawn' };
      case 'ConnectionRecorded':
        return undefined;
      case 'InvitationIgnored':
      case 'InvitationDeclined':
      case 'InvitationReminderDue':
      case 'AccountRestricted':
      case 'AccountRestrictionLifted':
        return row;
      default:
        return assertNever(event);
    }
  },
};
