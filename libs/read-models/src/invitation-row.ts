import { assertNever, type InvitationEvent, type InvitationSent } from '#libs/invitation';
import type { RowErasure } from '#libs/projection/read-only';

/** The columns that inbox, archive and sent share. Only `InvitationSent` has their values. */
export interface InvitationRow {
  readonly invitation_id: string;
  readonly inviter_id: string;
  readonly recipient_id: string;
  readonly message: string | null;
  readonly sent_at: string;
}

export const INVITATION_COLUMNS = {
  invitation_id: 'text',
  inviter_id: 'text',
  recipient_id: 'text',
  message: 'text',
  sent_at: 'timestamptz',
} as const;

export const invitationRow = (event: InvitationSent): InvitationRow => ({
  invitation_id: event.invitationId,
  inviter_id: event.inviterId,
  recipient_id: event.recipientId,
  message: event.message ?? null,
  sent_at: event.at,
});

/** A received invitation is a row of its recipient, with a text by its inviter. */
export const receivedErasure: RowErasure<InvitationRow> = {
  membersOf: ({ inviter_id: inviter, recipient_id: recipient }) => [inviter, recipient],
  without(row, isErased) {
    if (isErased(row.recipient_id)) return undefined;
    return row.message !== null && isErased(row.inviter_id) ? { ...row, message: null } : row;
  },
};

/** The ids of the invitations that an event changes: its own, and the one that it supersedes or closes. */
export function invitationKeys(event: InvitationEvent): readonly string[] {
  if (event.type === 'ConnectionRecorded') return event.closes === undefined ? [] : [event.closes];
  if (!('invitationId' in event)) return [];
  return event.type === 'InvitationSent' && event.supersedes !== undefined
    ? [event.invitationId, event.supersedes]
    : [event.invitationId];
}

/** A sending creates a row and deletes the row that it supersedes, whatever these rows were before. */
export const ignoresPreviousRow = (event: InvitationEvent): boolean => event.type === 'InvitationSent';

/**
 * Keeps the row of a received invitation until the recipient answers, the inviter withdraws or is connected, or it expires. Where
 * an ignored one has no row, it has none after a restore.
 */
export function keepUntilClosed<Row>(
  row: Row | undefined,
  event: Exclude<InvitationEvent, { type: 'InvitationSent' | 'InvitationIgnored' }>,
): Row | undefined {
  switch (event.type) {
    case 'InvitationAccepted':
    case 'InvitationDeclined':
    case 'InvitationWithdrawn':
    case 'InvitationExpired':
    case 'InvitationClosed':
    case 'ConnectionRecorded':
      return undefined;
    case 'InvitationReplied':
    case 'InvitationRestored':
    case 'InvitationReminderDue':
    case 'AccountRestricted':
    case 'AccountRestrictionLifted':
    case 'AccountClosed':
    case 'ConnectionEnded':
      return row;
    default:
      return assertNever(event);
  }
}
