import { unreachable, type InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/reading';
import {
  INVITATION_COLUMNS,
  invitationKeys,
  invitationRow,
  startsAnew,
  type InvitationRow,
} from '../invitation-row.js';

export interface ArchiveRow extends InvitationRow {
  readonly ignored: boolean;
}

/** R19: what the recipient has ignored, until they accept or decline after all, or the inviter withdraws (R32) or follows up. */
export const archiveProjection: RowProjection<InvitationEvent, ArchiveRow> = {
  name: 'archive',
  table: {
    name: 'read_models.archive',
    columns: { ...INVITATION_COLUMNS, ignored: 'boolean' },
  },
  keysOf: invitationKeys,
  startsAnew,
  fold(row, event, key) {
    switch (event.type) {
      case 'InvitationSent':
        return key === event.invitationId ? { ...invitationRow(event), ignored: false } : undefined;
      case 'InvitationIgnored':
        return row && { ...row, ignored: true };
      case 'InvitationAccepted':
      case 'InvitationDeclined':
      case 'InvitationWithdrawn':
      case 'ConnectionRecorded':
        return undefined;
      case 'InvitationReplied':
      case 'InvitationReminderDue':
      case 'AccountRestricted':
      case 'AccountRestrictionLifted':
        return row;
      default:
        return unreachable(event);
    }
  },
};
