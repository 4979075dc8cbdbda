import type { Command } from './commands.js';
import type { MemberId } from './ids.js';
import { inviterOf } from './rules/invitation-for.js';
import { unreachable } from './unreachable.js';

/** The account whose stream decides about a command: the inviter's; for a recorded connection, that of the member who accepted. */
export function accountOf(command: Command): MemberId {
  switch (command.type) {
    case 'SendInvitation':
      return command.inviterId;
    case 'LiftRestriction':
    case 'RecordConnection':
      return command.accountId;
    case 'AcceptInvitation':
    case 'ReplyToInvitation':
    case 'IgnoreInvitation':
    case 'DeclineInvitation':
    case 'WithdrawInvitation':
    case 'RemindRecipient':
      return inviterOf(command.invitationId);
    default:
      return unreachable(command);
  }
}
