import { assertNever, type InvitationEvent } from '#libs/invitation';

/** An event of the member's account as the member gets it. */
export type VisibleEvent = Readonly<Record<string, string>> & { readonly at: string; readonly event: string };

/**
 * Maps an event of the member's account. Has no ids of events and no revisions: a gap would show that there are other events.
 * @returns undefined for what others did in silence, and for what could only follow from it (R20, R26, R29, D1)
 */
export function toVisibleEvent(event: InvitationEvent): VisibleEvent | undefined {
  const { type, at } = event;
  switch (event.type) {
    case 'InvitationSent':
      return {
        at,
        event: type,
        invitationId: event.invitationId,
        recipientId: event.recipientId,
        ...(event.message == null ? {} : { message: event.message }),
        ...(event.supersedes === undefined ? {} : { supersedes: event.supersedes }),
      };
    case 'InvitationReplied':
      return {
        at,
        event: type,
        invitationId: event.invitationId,
        recipientId: event.recipientId,
        ...(event.message === null ? {} : { message: event.message }),
      };
    case 'InvitationAccepted':
    case 'InvitationWithdrawn':
    case 'InvitationExpired':
    case 'InvitationClosed':
      return { at, event: type, invitationId: event.invitationId, recipientId: event.recipientId };
    case 'ConnectionRecorded':
      return { at, event: type, memberId: event.memberId, through: event.through };
    case 'ConnectionEnded':
      return { at, event: type, memberId: event.memberId };
    case 'AccountClosed':
      return { at, event: type };
    case 'InvitationIgnored':
    case 'InvitationRestored':
    case 'InvitationDeclined':
    // Reminders stop with an ignore.
    case 'InvitationReminderDue':
    // Declines restrict an account; the export says whether it is restricted, and not when that began.
    case 'AccountRestricted':
    case 'AccountRestrictionLifted':
      return undefined;
    default:
      return assertNever(event);
  }
}
