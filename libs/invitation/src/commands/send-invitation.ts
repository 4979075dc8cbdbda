import { relationWith, type Account } from '../account.js';
import type { SendInvitation } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';
import type { InvitationSent } from '../events.js';
import type { Policy } from '../policy.js';
import { emailIsKnownAfterWithdrawal } from '../rules/email-is-known-after-withdrawal.js';
import { isNoFollowUpTooSoon } from '../rules/is-no-follow-up-too-soon.js';
import { isNotConnected } from '../rules/is-not-connected.js';
import { isNotRestricted } from '../rules/is-not-restricted.js';
import { isSomebodyElse } from '../rules/is-somebody-else.js';
import { isWithinLimit } from '../rules/is-within-limit.js';
import { recipientIsAvailable } from '../rules/recipient-is-available.js';

/**
 * In this order, and for silence: what the inviter knows of themselves comes before what only the recipient did, so
 * that a decline shows as late as it can, and as one cause among others (D1, D4).
 */
const RULES = [
  isSomebodyElse,
  isNotRestricted,
  isNotConnected,
  isWithinLimit,
  isNoFollowUpTooSoon,
  emailIsKnownAfterWithdrawal,
  recipientIsAvailable,
];

/** R2, R5, R21: a first invitation, or a follow-up, which supersedes the open one whatever became of it (D2). */
export function sendInvitation(account: Account, command: SendInvitation, policy: Policy): Decision {
  for (const rule of RULES) {
    const refusal = rule(account, command, policy);
    if (refusal !== undefined) return refuse(refusal);
  }
  const { open } = relationWith(account, command.recipientId);
  const sent: InvitationSent = {
    type: 'InvitationSent',
    commandId: command.commandId,
    invitationId: `${command.inviterId}.${command.commandId}`,
    inviterId: command.inviterId,
    recipientId: command.recipientId,
    ...(command.message === undefined ? {} : { message: command.message }),
    ...(open === undefined ? {} : { supersedes: open }),
    at: command.at,
  };
  return accept(sent);
}
