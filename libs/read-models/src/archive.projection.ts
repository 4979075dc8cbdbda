import type { InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/read-only';
import {
  INVITATION_COLUMNS,
  invitationKeys,
  invitationRow,
  ignoresPreviousRow,
  keepUntilClosed,
  receivedErasure,
  type InvitationRow,
} from './invitation-row.js';

export interface ArchiveRow extends InvitationRow {
  readonly ignored: boolean;
  /** The recipient moved it back to the inbox, and did not ignore it again (D20). */
  readonly restored: boolean;
}

/**
 * R19: invitations that the recipient has ignored, until the recipient accepts or declines, or the inviter withdraws (R32) or
 * follows up, or they expire (D22). A row exists from the sending on, because only that event has the message. The
 * inbox has no row for a restored invitation any more, so its list takes it from here (D20).
 */
export const archiveProjection: RowProjection<InvitationEvent, ArchiveRow> = {
  name: 'archive',
  table: {
    name: 'read_models.archive',
    columns: { ...INVITATION_COLUMNS, ignored: 'boolean', restored: 'boolean' },
  },
  keysOf: invitationKeys,
  ignoresPreviousRow,
  erasure: receivedErasure,
  fold(row, event, key) {
    if (event.type === 'InvitationSent')
      return key === event.invitationId
        ? { ...invitationRow(event), ignored: false, restored: false }
        : undefined;
    if (event.type === 'InvitationIgnored') return row && { ...row, ignored: true, restored: false };
    if (event.type === 'InvitationRestored') return row && { ...row, ignored: false, restored: true };
    return keepUntilClosed(row, event);
  },
};
