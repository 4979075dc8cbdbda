import { unreachable, type InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/reading';
import {
  INVITATION_COLUMNS,
  invitationKeys,
  invitationRow,
  startsAnew,
  type InvitationRow,
} from '../invitation-row.js';

export type SentStatus = 'pending' | 'replied' | 'accepted' | 'withdrawn';

export interface SentRow extends InvitationRow {
  readonly status: SentStatus;
}

/**
 * What the inviter sees of their invitations. An ignore and a decline leave no trace here, not even a touched row
 * (D1); a follow-up takes the place of the invitation it supersedes (D2), and so does a connection (D8).
 */
export const sentProjection: RowProjection<InvitationEvent, SentRow> = {
  name: 'sent',
  table: {
    name: 'read_models.sent',
    columns: { ...INVITATION_COLUMNS, status: 'text' },
  },
  keysOf: invitationKeys,
  startsAnew,
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
        return unreachable(event);
    }
  },
};
