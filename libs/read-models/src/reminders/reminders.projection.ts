import { unreachable, type InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/reading';
import { invitationKeys, startsAnew } from '../invitation-row.js';

export interface ReminderRow {
  readonly invitation_id: string;
  readonly sent_at: string;
  /** Ordinal of the last reminder; 0 before the first. */
  readonly reminded: number;
}

/**
 * Invitations that somebody may be reminded of: those that are untouched (D6). It keeps when they were sent, and not when
 * reminders are due, so that another schedule holds for those that are on their way, too.
 */
export const remindersProjection: RowProjection<InvitationEvent, ReminderRow> = {
  name: 'reminders',
  table: {
    name: 'read_models.reminders',
    columns: { invitation_id: 'text', sent_at: 'timestamptz', reminded: 'smallint' },
  },
  keysOf: invitationKeys,
  startsAnew,
  fold(row, event, key) {
    switch (event.type) {
      case 'InvitationSent':
        return key === event.invitationId
          ? { invitation_id: event.invitationId, sent_at: event.at, reminded: 0 }
          : undefined;
      case 'InvitationReminderDue':
        return row && { ...row, reminded: event.ordinal };
      case 'InvitationAccepted':
      case 'InvitationReplied':
      case 'InvitationIgnored':
      case 'InvitationDeclined':
      case 'InvitationWithdrawn':
      case 'ConnectionRecorded':
        return undefined;
      case 'AccountRestricted':
      case 'AccountRestrictionLifted':
        return row;
      default:
        return unreachable(event);
    }
  },
};
