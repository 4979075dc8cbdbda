import type { InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/read-only';
import {
  INVITATION_COLUMNS,
  invitationKeys,
  invitationRow,
  ignoresPreviousRow,
  keepUntilClosed,
  type InvitationRow,
} from './invitation-row.js';

export interface ArchiveRow extends InvitationRow {
  readonly ignored: boolean;
}

/**
 * R19: invitations that the recipient has ignored, until the recipient accepts or declines, or the inviter withdraws (R32) or
 * follows up. A row exists from the sending on, because only that event has the message.
 */
export const archiveProjection: RowProjection<InvitationEvent, ArchiveRow> = {
  name: 'archive',
  table: {
    name: 'read_models.archive',
    columns: { ...INVITATION_COLUMNS, ignored: 'boolean' },
  },
  keysOf: invitationKeys,
  ignoresPreviousRow,
  fold(row, event, key) {
    if (event.type === 'InvitationSent')
      return key === event.invitationId ? { ...invitationRow(event), ignored: false } : undefined;
    if (event.type === 'InvitationIgnored') return row && { ...row, ignored: true };
    return keepUntilClosed(row, event);
  },
};
