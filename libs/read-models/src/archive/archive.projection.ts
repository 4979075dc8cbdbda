import { unreachable, type InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection';
import { invitationKeys } from '../invitation-keys.js';

export interface ArchiveRow {
  readonly invitation_id: string;
  readonly inviter_id: string;
  readonly recipient_id: string;
  readonly message: string | null;
  readonly sent_at: string;
  readonly ignored: boolean;
}

/** R19: what the recipient has ignored, until they accept or decline after all, or the inviter withdraws (R32) or follows up. */
export const archiveProjection: RowProjection<InvitationEvent, ArchiveRow> = {
  name: 'archive',
  table: {
    name: 'read_models.archive',
    columns: {
      invitation_id: 'text',
      inviter_id: 'text',
      recipient_id: 'text',
      message: 'text',
      sent_at: 'timestamptz',
      ignored: 'boolean',
    },
  },
  keysOf: invitationKeys,
  fold(row, event, key) {
    switch (event.type) {
      case 'InvitationSent':
        if (key !== event.invitationId) return undefined;
        return {
          invitation_id: event.invitationId,
          inviter_id: event.inviterId,
          recipient_id: event.recipientId,
          message: event.message ?? null,
          sent_at: event.at,
          ignored: false,
        };
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
