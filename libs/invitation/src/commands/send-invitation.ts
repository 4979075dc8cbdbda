import { relationWith, type Account } from '../account.js';
import { type SendInvitation, accept, refuse, type Decision, type RefusalCode } from '../commands.js';
import { type InvitationSent, invitationIdOf } from '../events.js';
import type { Policy } from '../policy.js';

/** One rule of sending: returns the code of the refusal, or nothing. */
type SendRule = (account: Account, command: SendInvitation, policy: Policy) => RefusalCode | undefined;

/** D8: members cannot invite themselves. */
const isNotSelfInvitation: SendRule = (_account, { inviterId, recipientId }) =>
  inviterId === recipientId ? 'INVALID_COMMAND' : undefined;

/** R26, D7, D23: a restricted or closed account cannot send. */
const isNotRestricted: SendRule = ({ restricted, closed }) =>
  restricted || closed ? 'ACCOUNT_RESTRICTED' : undefined;

/** D8: connected members need no invitation. */
const isNotConnected: SendRule = (account, { recipientId }) =>
  relationWith(account, recipientId).connected ? 'ALREADY_CONNECTED' : undefined;

/** R2, R35: the limit counts every invitation that was ever sent. */
const isWithinLimit: SendRule = (account, _command, policy) =>
  account.sent >= policy.invitationLimit ? 'LIMIT_REACHED' : undefined;

/** D2: two invitations to one recipient need a minimum interval, whatever happened to the first. */
const respectsFollowUpInterval: SendRule = (account, { recipientId, at }, policy) => {
  const { lastSentAt } = relationWith(account, recipientId);
  if (lastSentAt === undefined) return undefined;
  return Date.parse(at) - Date.parse(lastSentAt) < policy.followUpIntervalMs ? 'TOO_SOON' : undefined;
};

/** R34, D4: after a withdrawal the inviter must know the recipient's address. A missing and a wrong one get the same code. */
const emailIsKnownAfterWithdrawal: SendRule = (account, { recipientId, recipient }) =>
  relationWith(account, recipientId).emailRequired && !recipient.emailMatches ? 'EMAIL_REQUIRED' : undefined;

/** R25, D4, D23: recipients who declined, have left, are unknown or take no invitations get one code, so the inviter cannot tell which. */
const recipientIsAvailable: SendRule = (account, { recipientId, recipient }) => {
  const { blocked, ended = false } = relationWith(account, recipientId);
  return blocked || ended || !recipient.available ? 'RECIPIENT_UNAVAILABLE' : undefined;
};

/**
 * The order protects the recipient's silence: what inviters know of themselves comes before what only the recipient did. A
 * decline therefore shows as late as possible, and as one cause among others (D1, D4).
 */
const RULES = [
  isNotSelfInvitation,
  isNotRestricted,
  isNotConnected,
  isWithinLimit,
  respectsFollowUpInterval,
  emailIsKnownAfterWithdrawal,
  recipientIsAvailable,
];

/** R2, R5, R21: sends a first invitation, or a follow-up, which supersedes the open one whatever its status (D2). */
export function sendInvitation(account: Account, command: SendInvitation, policy: Policy): Decision {
  for (const rule of RULES) {
    const refusal = rule(account, command, policy);
    if (refusal !== undefined) return refuse(refusal);
  }
  const { open } = relationWith(account, command.recipientId);
  const sent: InvitationSent = {
    type: 'InvitationSent',
    commandId: command.commandId,
    invitationId: invitationIdOf(command.inviterId, command.commandId),
    inviterId: command.inviterId,
    recipientId: command.recipientId,
    ...(command.message === undefined ? {} : { message: command.message }),
    ...(open === undefined ? {} : { supersedes: open }),
    at: command.at,
  };
  return accept(sent);
}
