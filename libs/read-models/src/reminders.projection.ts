import { assertNever, inviterOf, type InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/read-only';
import { invitationKeys, ignoresPreviousRow } from './invitation-row.js';

export interface ReminderRow {
  readonly invitation_id: string;
  readonly sent_at: string;
  /** Ordinal of the last reminder; 0 before the first. */
  readonly reminded: number;
}

/**
 * Invitations that may be due for a reminder: those that are pending (D6). Rows have the time of the sending instead of the
 * time of the next reminder, so that a changed schedule applies to all of them.
 */
export const remindersProjection: RowProjection<InvitationEvent, ReminderRow> = {
  name: 'reminders',
  table: {
    name: 'read_models.reminders',
    columns: { invitation_id: 'text', sent_at: 'timestamptz', reminded: 'smallint' },
  },
  keysOf: invitationKeys,
  ignoresPreviousRow,
  erasure: {
    membersOf: ({ invitation_id: id }) => [inviterOf(id)],
    without: (row, isErased) => (isErased(inviterOf(row.invitation_id)) ? undefined : row),
  },
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
      case 'InvitationRestored':
      case 'InvitationDeclined':
      case 'InvitationWithdrawn':
      case 'InvitationExpired':
      case 'InvitationClosed':
      case 'ConnectionRecorded':
        return undefined;
      case 'AccountRestricted':
      case 'AccountRestrictionLifted':
      case 'AccountClosed':
      case 'ConnectionEnded':
        return row;
      default:
        return assertNever(event);
    }
  },
};
