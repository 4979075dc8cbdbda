import { unreachable, type InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection';
import { invitationKeys } from '../invitation-keys.js';

export interface InboxRow {
  readonly invitation_id: string;
  readonly inviter_id: string;
  readonly recipient_id: string;
  readonly message: string | null;
  readonly sent_at: string;
}

/** R9: an invitation waits here until it is accepted, ignored (R19), withdrawn (R32) or superseded (D2). A reply leaves it (R16). */
export const inboxProjection: RowProjection<InvitationEvent, InboxRow> = {
  name: 'inbox',
  table: {
    name: 'read_models.inbox',
    columns: {
      invitation_id: 'text',
      inviter_id: 'text',
      recipient_id: 'text',
      message: 'text',
      sent_at: 'timestamptz',
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
        };
      case 'InvitationAccepted':
      case 'InvitationIgnored':
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
