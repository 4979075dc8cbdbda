import type { Account } from '../account.js';
import type { RemindRecipient } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';
import type { Policy } from '../policy.js';
import { inviterOf } from '../rules/invitation-for.js';
import { reminderWindow } from '../rules/reminder-window.js';

/** R6, R22, D6: never one early, never one twice, never one for an invitation that is no longer untouched. */
export function remindRecipient(account: Account, command: RemindRecipient, policy: Policy): Decision {
  const { commandId, invitationId, ordinal, at } = command;
  const invitation = account.invitations.get(invitationId);
  const window = reminderWindow(policy, ordinal);
  if (invitation === undefined || window === undefined) return refuse('NOT_FOUND');
  if (invitation.status !== 'untouched') return refuse('NOT_OPEN');
  if (ordinal <= invitation.reminded) return accept();
  const sentAt = Date.parse(invitation.sentAt);
  const validUntil = sentAt + window.toMs;
  if (Date.parse(at) < sentAt + window.fromMs) return refuse('TOO_SOON');
  if (Date.parse(at) > validUntil) return refuse('NOT_OPEN');
  return accept({
    type: 'InvitationReminderDue',
    commandId,
    invitationId,
    inviterId: inviterOf(invitationId),
    recipientId: invitation.recipientId,
    ordinal,
    validUntil: new Date(validUntil).toISOString(),
    at,
  });
}
