import type { InvitationEvent } from '#libs/invitation';

/** The invitations of its own account that an event is about: the one it is of, and the one that it supersedes or closes. */
export function invitationKeys(event: InvitationEvent): readonly string[] {
  if (event.type === 'ConnectionRecorded') return event.closes === undefined ? [] : [event.closes];
  if (!('invitationId' in event)) return [];
  return event.type === 'InvitationSent' && event.supersedes !== undefined
    ? [event.invitationId, event.supersedes]
    : [event.invitationId];
}
