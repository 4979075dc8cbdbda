import { isSameAddress, type CommandMessage } from '#libs/contracts';
import { assertNever, type Command, type Instant } from '#libs/invitation';
import type { RecipientProfile } from '#libs/profiles';

/** Adds the time and the recipient's profile, which the domain needs to decide. */
export function toDomainCommand(
  message: CommandMessage,
  at: Instant,
  recipients: ReadonlyMap<string, RecipientProfile>,
): Command {
  const { type, commandId, data } = message;
  switch (type) {
    case 'invitations.send.v1': {
      const { inviterId, recipientId, recipientEmail } = data;
      const profile = recipients.get(recipientId);
      const recipient = {
        available: profile?.takesInvitations ?? false,
        emailMatches:
          profile !== undefined &&
          recipientEmail !== undefined &&
          isSameAddress(profile.email, recipientEmail),
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
      return assertNever(message);
  }
}

const onInvitation = ({ invitationId, actorId }: { invitationId: string; actorId: string }) => ({
  invitationId,
  actorId,
});
