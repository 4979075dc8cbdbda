import type { Account } from './account.js';
import type { Command } from './commands.js';
import { acceptInvitation } from './commands/accept-invitation.js';
import { declineInvitation } from './commands/decline-invitation.js';
import { ignoreInvitation } from './commands/ignore-invitation.js';
import { liftRestriction } from './commands/lift-restriction.js';
import { recordConnection } from './commands/record-connection.js';
import { remindRecipient } from './commands/remind-recipient.js';
import { replyToInvitation } from './commands/reply-to-invitation.js';
import { sendInvitation } from './commands/send-invitation.js';
import { withdrawInvitation } from './commands/withdraw-invitation.js';
import { accept, type Decision } from './decision.js';
import type { Policy } from './policy.js';
import { assertNever } from './assert-never.js';

/** Decides a command from the state of its account. A command that was processed before has no second effect (D10). */
export function decide(account: Account, command: Command, policy: Policy): Decision {
  if (account.processedCommandIds.has(command.commandId)) return accept();
  switch (command.type) {
    case 'SendInvitation':
      return sendInvitation(account, command, policy);
    case 'AcceptInvitation':
      return acceptInvitation(account, command);
    case 'ReplyToInvitation':
      return replyToInvitation(account, command);
    case 'IgnoreInvitation':
      return ignoreInvitation(account, command);
    case 'DeclineInvitation':
      return declineInvitation(account, command, policy);
    case 'WithdrawInvitation':
      return withdrawInvitation(account, command);
    case 'LiftRestriction':
      return liftRestriction(account, command);
    case 'RemindRecipient':
      return remindRecipient(account, command, policy);
    case 'RecordConnection':
      return recordConnection(account, command);
    default:
      return assertNever(command);
  }
}
