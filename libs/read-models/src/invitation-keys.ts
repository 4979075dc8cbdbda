import type { InvitationEvent } from '#libs/invitation';

/** The invitations that an event is about: its own, and the one that it supersedes. */
export function invitationKeys(event: InvitationEvent): readonly string[] {
  if (!('invitationId' in event)) return [];
  return event.type === 'InvitationSent' && event.supersedes !== undefined
    ? [event.invitationId, event.supersedes]
    : [event.invitationId];
}
