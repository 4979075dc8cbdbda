import type { CommandMessage } from '#libs/contracts';
import { unreachable, type Command, type Instant } from '#libs/invitation';
import type { RecipientRecord } from '#libs/read-models';

/** The command as the domain takes it: with the time, and with what is known of the recipient. */
export function toDomain(
  message: CommandMessage,
  at: Instant,
  recipients: ReadonlyMap<string, RecipientRecord>,
): Command {
  const { type, commandId, data } = message;
  switch (type) {
    case 'invitations.send.v1': {
      const { inviterId, recipientId, recipientEmail } = data;
      const known = recipients.get(recipientId);
      const recipient = {
        available: known?.takesInvitations ?? false,
        emailMatches: known !== undefined && sameAddress(known.email, recipientEmail),
      };
      const message = data.message === undefined || data.message === '' ? {} : { message: data.message };
      return { type: 'SendInvitation', commandId, at, inviterId, recipientId, recipient, ...message };
    }
    case 'invitations.accept.v1':
      return { type: 'AcceptInvitation', commandId, at, ...onInvitation(data), via: data.via ?? 'site' };
    case 'invitations.reply.v1':
      return { type: 'ReplyToInvitation', commandId, at, ...onInvitation(data), message: data.message };
    case 'invitations.ignore.v1':
      return { type: 'IgnoreInvitation', commandId, at, ...onInvitation(data) };
    case 'invitations.decline.v1':
      return { type: 'DeclineInvitation', commandId, at, ...onInvitation(data) };
    case 'invitations.withdraw.v1':
      return { type: 'WithdrawInvitation', commandId, at, ...onInvitation(data) };
    case 'invitations.lift-restriction.v1': {
      const { accountId, operatorId, reason } = data;
      return { type: 'LiftRestriction', commandId, at, accountId, operatorId, reason };
    }
    case 'invitations.remind.v1': {
      const { invitationId, ordinal } = data;
      return { type: 'RemindRecipient', commandId, at, invitationId, ordinal };
    }
    case 'invitations.record-connection.v1': {
      const { accountId, memberId, through } = data;
      return { type: 'RecordConnection', commandId, at, accountId, memberId, through };
    }
    default:
      return unreachable(message);
  }
}

const onInvitation = ({ invitationId, actorId }: { invitationId: string; actorId: string }) => ({
  invitationId,
  actorId,
});

/** Addresses are compared as people write them: without regard to case. */
function sameAddress(known: string, given: string | undefined): boolean {
  return given !== undefined && known.toLowerCase() === given.toLowerCase();
}
