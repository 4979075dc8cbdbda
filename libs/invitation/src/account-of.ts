import type { Command } from './commands.js';
import type { MemberId } from './ids.js';
import { inviterOf } from './rules/invitation-for.js';
import { unreachable } from './unreachable.js';

/** The account whose stream decides about a command: the inviter's, always. */
export function accountOf(command: Command): MemberId {
  switch (command.type) {
    case 'SendInvitation':
      return command.inviterId;
    case 'LiftRestriction':
      return command.accountId;
    case 'AcceptInvitation':
    case 'ReplyToInvitation':
    case 'IgnoreInvitation':
    case 'DeclineInvitation':
    case 'WithdrawInvitation':
      return inviterOf(command.invitationId);
    default:
      return unreachable(command);
  }
}
