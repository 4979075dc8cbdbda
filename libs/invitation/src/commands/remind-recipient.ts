import type { Account } from '../account.js';
import type { RemindRecipient } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';
import { inviterOf } from '../ids.js';
import type { Policy } from '../policy.js';

/** R6, R22, D6: no reminder is sent early or twice, and none for an invitation that is not untouched. */
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

/** When a reminder may be sent, in milliseconds after the invitation. Both ends are inclusive. */
export interface ReminderWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * D6: a reminder may be sent from when it is due until its validity ends or the next one is due. So at most one reminder of an
 * invitation may be sent at any time, and an outage cannot release several at once.
 * @param ordinal 1 for the first
 * @returns undefined if the policy has no such reminder
 */
export function reminderWindow(
  { remindersMs, reminderValidityMs }: Pick<Policy, 'remindersMs' | 'reminderValidityMs'>,
  ordinal: number,
): ReminderWindow | undefined {
  const fromMs = remindersMs[ordinal - 1];
  if (fromMs === undefined) return undefined;
  const nextMs = remindersMs[ordinal] ?? Number.POSITIVE_INFINITY;
  return { fromMs, toMs: Math.min(fromMs + reminderValidityMs, nextMs - 1) };
}
