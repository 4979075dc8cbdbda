import type { Account } from './account.js';
import { accept, refuse, type Command, type Decision } from './commands.js';
import {
  acceptInvitation,
  declineInvitation,
  ignoreInvitation,
  replyToInvitation,
  restoreInvitation,
  withdrawInvitation,
} from './commands/invitation-commands.js';
import { sendInvitation } from './commands/send-invitation.js';
import {
  closeAccount,
  closeInvitation,
  endConnection,
  expireInvitation,
  liftRestriction,
  recordConnection,
  remindRecipient,
} from './commands/system-commands.js';
import { assertNever } from './events.js';
import type { Policy } from './policy.js';

/** Decides a command from the state of its account. A command that was processed before has no second effect (D10). */
export function decide(account: Account, command: Command, policy: Policy): Decision {
  if (account.processedCommandIds.has(command.commandId)) return accept();
  // D23: a member who has left gets the refusals of an account that does not exist any more.
  if ('actorHasLeft' in command)
    return refuse(command.type === 'SendInvitation' ? 'ACCOUNT_RESTRICTED' : 'NOT_FOUND');
  switch (command.type) {
    case 'SendInvitation':
      return sendInvitation(account, command, policy);
    case 'AcceptInvitation':
      return acceptInvitation(account, command);
    case 'ReplyToInvitation':
      return replyToInvitation(account, command);
    case 'IgnoreInvitation':
      return ignoreInvitation(account, command);
    case 'RestoreInvitation':
      return restoreInvitation(account, command);
    case 'DeclineInvitation':
      return declineInvitation(account, command, policy);
    case 'WithdrawInvitation':
      return withdrawInvitation(account, command);
    case 'LiftRestriction':
      return liftRestriction(account, command);
    case 'CloseAccount':
      return closeAccount(account, command);
    case 'RemindRecipient':
      return remindRecipient(account, command, policy);
    case 'ExpireInvitation':
      return expireInvitation(account, command, policy);
    case 'CloseInvitation':
      return closeInvitation(account, command);
    case 'RecordConnection':
      return recordConnection(account, command);
    case 'EndConnection':
      return endConnection(account, command);
    default:
      return assertNever(command);
  }
}
