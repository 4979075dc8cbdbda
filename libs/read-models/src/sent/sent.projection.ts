import { unreachable, type InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection';
import { invitationKeys } from '../invitation-keys.js';

export type SentStatus = 'pending' | 'replied' | 'accepted' | 'withdrawn';

export interface SentRow {
  readonly invitation_id: string;
  readonly inviter_id: string;
  readonly recipient_id: string;
  readonly message: string | null;
  readonly sent_at: string;
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
    columns: {
      invitation_id: 'text',
      inviter_id: 'text',
      recipient_id: 'text',
      message: 'text',
      sent_at: 'timestamptz',
      status: 'text',
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
          status: 'pending',
        };
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
