import type { Account } from '../account.js';
import type { RemindRecipient } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';
import type { Policy } from '../policy.js';
import { inviterOf } from '../rules/invitation-for.js';

/** R6, R22, D6: never one early, never one twice, never one for an invitation that is no longer untouched. */
export function remindRecipient(account: Account, command: RemindRecipient, policy: Policy): Decision {
  const { commandId, invitationId, ordinal, at } = command;
  const invitation = account.invitations.get(invitationId);
  const afterMs = policy.remindersMs[ordinal - 1];
  if (invitation === undefined || afterMs === undefined) return refuse('NOT_FOUND');
  if (invitation.status !== 'untouched') return refuse('NOT_OPEN');
  if (ordinal <= invitation.reminded) return accept();
  const due = Date.parse(invitation.sentAt) + afterMs;
  const validUntil = due + policy.reminderValidityMs;
  if (Date.parse(at) < due) return refuse('TOO_SOON');
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
