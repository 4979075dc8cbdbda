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

export type InboxRow = InvitationRow;

/**
 * R9: invitations that are not yet accepted, ignored (R19), withdrawn (R32), superseded (D2) or expired (D22). A reply does not
 * remove one (R16). A restored invitation is in the inbox, too, but as a row of the archive, which has its message (D20).
 */
export const inboxProjection: RowProjection<InvitationEvent, InboxRow> = {
  name: 'inbox',
  table: {
    name: 'read_models.inbox',
    columns: INVITATION_COLUMNS,
  },
  keysOf: invitationKeys,
  ignoresPreviousRow,
  erasure: receivedErasure,
  fold(row, event, key) {
    if (event.type === 'InvitationSent') return key === event.invitationId ? invitationRow(event) : undefined;
    if (event.type === 'InvitationIgnored') return undefined;
    return keepUntilClosed(row, event);
  },
};
