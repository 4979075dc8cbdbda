import { unreachable, type InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/reading';
import {
  INVITATION_COLUMNS,
  invitationKeys,
  invitationRow,
  startsAnew,
  type InvitationRow,
} from '../invitation-row.js';

export type InboxRow = InvitationRow;

/** R9: an invitation waits here until it is accepted, ignored (R19), withdrawn (R32) or superseded (D2). A reply leaves it (R16). */
export const inboxProjection: RowProjection<InvitationEvent, InboxRow> = {
  name: 'inbox',
  table: {
    name: 'read_models.inbox',
    columns: INVITATION_COLUMNS,
  },
  keysOf: invitationKeys,
  startsAnew,
  fold(row, event, key) {
    switch (event.type) {
      case 'InvitationSent':
        return key === event.invitationId ? invitationRow(event) : undefined;
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
