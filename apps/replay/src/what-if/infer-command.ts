import { assertNever, type Command, type InvitationEvent } from '#libs/invitation';

/**
 * Infers the command that led to an event. Facts that the command carried and the event does not are inferred from its
 * acceptance: the recipient of a sent invitation accepted invitations, and an inviter who had to know the address knew it.
 * Refused commands cannot be inferred, because they left no event.
 * @returns undefined for an event that a command produces beside its main event
 */
export function inferCommand(event: InvitationEvent): Command | undefined {
  const { commandId, at } = event;
  switch (event.type) {
    case 'InvitationSent': {
      const { inviterId, recipientId, message } = event;
      const recipient = { available: true, emailMatches: true };
      // No rule depends on a text, and that of an erased author is gone.
      const said = typeof message === 'string' ? { message } : {};
      return { type: 'SendInvitation', commandId, at, inviterId, recipientId, recipient, ...said };
    }
    case 'InvitationAccepted':
      return { type: 'AcceptInvitation', ...byRecipient(event), via: event.via };
    case 'InvitationReplied':
      return { type: 'ReplyToInvitation', ...byRecipient(event), message: event.message ?? '' };
    case 'InvitationIgnored':
      return { type: 'IgnoreInvitation', ...byRecipient(event) };
    case 'InvitationRestored':
      return { type: 'RestoreInvitation', ...byRecipient(event) };
    case 'InvitationDeclined':
      return { type: 'DeclineInvitation', ...byRecipient(event) };
    case 'InvitationWithdrawn':
      return { type: 'WithdrawInvitation', ...byRecipient(event), actorId: event.inviterId };
    case 'InvitationReminderDue': {
      const { invitationId, ordinal } = event;
      return { type: 'RemindRecipient', commandId, at, invitationId, ordinal };
    }
    case 'InvitationExpired': {
      const { invitationId, recipientId } = event;
      return { type: 'ExpireInvitation', commandId, at, invitationId, recipientId };
    }
    case 'InvitationClosed': {
      const { invitationId, recipientId } = event;
      return { type: 'CloseInvitation', commandId, at, invitationId, recipientId };
    }
    case 'AccountClosed': {
      const { accountId, operatorId } = event;
      return { type: 'CloseAccount', commandId, at, accountId, operatorId };
    }
    case 'ConnectionEnded': {
      const { accountId, memberId, leaverId } = event;
      return { type: 'EndConnection', commandId, at, accountId, memberId, leaverId };
    }
    case 'AccountRestricted':
      return undefined;
    case 'AccountRestrictionLifted': {
      const { accountId, operatorId, reason } = event;
      return { type: 'LiftRestriction', commandId, at, accountId, operatorId, reason };
    }
    case 'ConnectionRecorded': {
      const { accountId, memberId, through } = event;
      return { type: 'RecordConnection', commandId, at, accountId, memberId, through };
    }
    default:
      return assertNever(event);
  }
}

const byRecipient = (event: {
  readonly commandId: string;
  readonly at: string;
  readonly invitationId: string;
  readonly recipientId: string;
}) => ({
  commandId: event.commandId,
  at: event.at,
  invitationId: event.invitationId,
  actorId: event.recipientId,
});
