import { unreachable, type Command, type InvitationEvent } from '#libs/invitation';

/**
 * The command that must have been asked for an event to be there. What was refused has left no event, so it is not to be
 * had. A recipient who got an invitation took invitations, and an inviter who needed the address knew it: of such
 * facts the log keeps no more than what followed from them.
 * @returns undefined for what a command brings about beside its own event
 */
export function commandBehind(event: InvitationEvent): Command | undefined {
  const { commandId, at } = event;
  switch (event.type) {
    case 'InvitationSent': {
      const { inviterId, recipientId, message } = event;
      const recipient = { available: true, emailMatches: true };
      const said = message === undefined ? {} : { message };
      return { type: 'SendInvitation', commandId, at, inviterId, recipientId, recipient, ...said };
    }
    case 'InvitationAccepted':
      return { type: 'AcceptInvitation', ...byRecipient(event), via: event.via };
    case 'InvitationReplied':
      return { type: 'ReplyToInvitation', ...byRecipient(event), message: event.message };
    case 'InvitationIgnored':
      return { type: 'IgnoreInvitation', ...byRecipient(event) };
    case 'InvitationDeclined':
      return { type: 'DeclineInvitation', ...byRecipient(event) };
    case 'InvitationWithdrawn':
      return { type: 'WithdrawInvitation', ...byRecipient(event), actorId: event.inviterId };
    case 'InvitationReminderDue': {
      const { invitationId, ordinal } = event;
      return { type: 'RemindRecipient', commandId, at, invitationId, ordinal };
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
      return unreachable(event);
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
