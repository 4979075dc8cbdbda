import type { InvitationEvent, InvitationSent } from '#libs/invitation';

/** What every list keeps of an invitation. Only its sending tells it. */
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

/** The invitations of its own account that an event is about: the one it is of, and the one that it supersedes or closes. */
export function invitationKeys(event: InvitationEvent): readonly string[] {
  if (event.type === 'ConnectionRecorded') return event.closes === undefined ? [] : [event.closes];
  if (!('invitationId' in event)) return [];
  return event.type === 'InvitationSent' && event.supersedes !== undefined
    ? [event.invitationId, event.supersedes]
    : [event.invitationId];
}

/** What is sent is new, and what it supersedes is gone, whatever was there. */
export const startsAnew = (event: InvitationEvent): boolean => event.type === 'InvitationSent';
