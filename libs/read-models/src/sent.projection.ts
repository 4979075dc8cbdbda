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
}

/**
 * The invitations of an inviter. An ignore or a decline does not change a row in any way (D1). A follow-up replaces the
 * invitation that it supersedes (D2), and a connection removes it (D8).
 */
export const sentProjection: RowProjection<InvitationEvent, SentRow> = {
  name: 'sent',
  table: {
    name: 'read_models.sent',
    columns: { ...INVITATION_COLUMNS, status: 'text' },
  },
  keysOf: invitationKeys,
  ignoresPreviousRow,
  fold(row, event, key) {
    switch (event.type) {
      case 'InvitationSent':
        return key === event.invitationId ? { ...invitationRow(event), status: 'pending' } : undefined;
      case 'InvitationAccepted':
        return row && { ...row, status: 'accepted' };
      case 'InvitationReplied':
        return row && { ...row, status: 'replied' };
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
