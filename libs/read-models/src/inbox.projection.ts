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

export type InboxRow = InvitationRow;

/** R9: invitations that are not yet accepted, ignored (R19), withdrawn (R32) or superseded (D2). A reply does not remove one (R16). */
export const inboxProjection: RowProjection<InvitationEvent, InboxRow> = {
  name: 'inbox',
  table: {
    name: 'read_models.inbox',
    columns: INVITATION_COLUMNS,
  },
  keysOf: invitationKeys,
  ignoresPreviousRow,
  fold(row, event, key) {
    if (event.type === 'InvitationSent') return key === event.invitationId ? invitationRow(event) : undefined;
    if (event.type === 'InvitationIgnored') return undefined;
    return keepUntilClosed(row, event);
  },
};
