import { isSameAddress, type CommandMessage } from '#libs/contracts';
import { assertNever, type Command, type Instant } from '#libs/invitation';
import type { RecipientProfile } from '#libs/profiles';

/** What is known of the members whom commands name. */
export interface KnownMembers {
  readonly recipients: ReadonlyMap<string, RecipientProfile>;
  /** Those whose profile was removed, and those whose account was closed (D23). */
  readonly left: ReadonlySet<string>;
}

/** Adds the time and what is known of the members, which the domain needs to decide. */
export function toDomainCommand(
  message: CommandMessage,
  at: Instant,
  { recipients, left }: KnownMembers,
): Command {
  const { type, commandId, data } = message;
  const hasLeft = (actorId: string) => (left.has(actorId) ? { actorHasLeft: true as const } : {});
  const onInvitation = ({ invitationId, actorId }: { invitationId: string; actorId: string }) => ({
    invitationId,
    actorId,
    ...hasLeft(actorId),
  });
  switch (type) {
    case 'invitations.send.v1': {
      const { inviterId, recipientId, recipientEmail } = data;
      const profile = left.has(recipientId) ? undefined : recipients.get(recipientId);
      const recipient = {
        available: profile?.takesInvitations ?? false,
        emailMatches:
          profile !== undefined &&
          recipientEmail !== undefined &&
          isSameAddress(profile.email, recipientEmail),
      };
      const message = data.message === undefined || data.message === '' ? {} : { message: data.message };
      const actor = hasLeft(inviterId);
      return {
        type: 'SendInvitation',
        commandId,
        at,
        inviterId,
        recipientId,
        recipient,
        ...message,
        ...actor,
      };
    }
    case 'invitations.accept.v1':
      return { type: 'AcceptInvitation', commandId, at, ...onInvitation(data), via: data.via ?? 'site' };
    case 'invitations.reply.v1':
      return { type: 'ReplyToInvitation', commandId, at, ...onInvitation(data), message: data.message };
    case 'invitations.ignore.v1':
      return { type: 'IgnoreInvitation', commandId, at, ...onInvitation(data) };
    case 'invitations.restore.v1':
      return { type: 'RestoreInvitation', commandId, at, ...onInvitation(data) };
    case 'invitations.decline.v1':
      return { type: 'DeclineInvitation', commandId, at, ...onInvitation(data) };
    case 'invitations.withdraw.v1':
      return { type: 'WithdrawInvitation', commandId, at, ...onInvitation(data) };
    case 'invitations.lift-restriction.v1': {
      const { accountId, operatorId, reason } = data;
      return { type: 'LiftRestriction', commandId, at, accountId, operatorId, reason };
    }
    case 'invitations.close-account.v1': {
      const { accountId, operatorId } = data;
      return { type: 'CloseAccount', commandId, at, accountId, operatorId };
    }
    case 'invitations.remind.v1': {
      const { invitationId, ordinal } = data;
      return { type: 'RemindRecipient', commandId, at, invitationId, ordinal };
    }
    case 'invitations.expire.v1': {
      const { invitationId, recipientId } = data;
      return { type: 'ExpireInvitation', commandId, at, invitationId, recipientId };
    }
    case 'invitations.record-connection.v1': {
      const { accountId, memberId, through } = data;
      return { type: 'RecordConnection', commandId, at, accountId, memberId, through };
    }
    case 'invitations.close-invitation.v1': {
      const { invitationId, recipientId } = data;
      return { type: 'CloseInvitation', commandId, at, invitationId, recipientId };
    }
    case 'invitations.end-connection.v1': {
      const { accountId, memberId, leaverId } = data;
      return { type: 'EndConnection', commandId, at, accountId, memberId, leaverId };
    }
    default:
      return assertNever(message);
  }
}
