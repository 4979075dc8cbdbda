import { relationWith, type Account } from '../account.js';
import {
  type CloseAccount,
  type CloseInvitation,
  type EndConnection,
  type ExpireInvitation,
  type LiftRestriction,
  type RecordConnection,
  type RemindRecipient,
  accept,
  refuse,
  type Decision,
} from '../commands.js';
import { inviterOf } from '../events.js';
import type { Policy } from '../policy.js';

// The commands that no member gives: those of operators, and those that this service issues.

/** D7: lifts a restriction, and the count of declines starts again. An account without one is refused with NOT_FOUND. */
export function liftRestriction(account: Account, command: LiftRestriction): Decision {
  if (!account.restricted) return refuse('NOT_FOUND');
  const { commandId, accountId, operatorId, reason, at } = command;
  return accept({ type: 'AccountRestrictionLifted', commandId, accountId, operatorId, reason, at });
}

/**
 * D23: closes an account for ever. From this event on it sends nothing, and none of its invitations can be answered. What it has of
 * other members ends by one command for each (docs/adr/0019). An account without a stream can be closed, too.
 */
export function closeAccount(account: Account, command: CloseAccount): Decision {
  if (account.closed) return accept();
  const { commandId, accountId, operatorId, at } = command;
  return accept({ type: 'AccountClosed', commandId, accountId, operatorId, at });
}

/** D23: closes an invitation of a closed account that is open, as far as its inviter could know. */
export function closeInvitation(account: Account, command: CloseInvitation): Decision {
  const { commandId, invitationId, recipientId, at } = command;
  const invitation = account.invitations.get(invitationId);
  if (!account.closed || invitation?.recipientId !== recipientId) return refuse('NOT_FOUND');
  if (relationWith(account, recipientId).open !== invitationId) return refuse('NOT_OPEN');
  const inviterId = inviterOf(invitationId);
  return accept({ type: 'InvitationClosed', commandId, invitationId, inviterId, recipientId, at });
}

/**
 * D23: ends a connection in one of its two accounts. The event is stored although no connection is recorded yet: its command may
 * still be on its way, and must then have no effect. A connection that was made after such an event is ended by another one: the
 * member who left had accepted before that was known. In their own account each end is stored, because it ends the connection in the
 * other account, too.
 */
export function endConnection(account: Account, command: EndConnection): Decision {
  const { commandId, accountId, memberId, leaverId, at } = command;
  if (leaverId === accountId && !account.closed) return refuse('NOT_FOUND');
  const { connected, ended } = relationWith(account, memberId);
  if (ended && !connected && leaverId !== accountId) return accept();
  return accept({ type: 'ConnectionEnded', commandId, accountId, memberId, leaverId, at });
}

/**
 * D8: records a connection in the account of the member who accepted, and silently closes their own open invitation to the
 * inviter. A declined one is closed, too: it would otherwise stay in their sent list, which an ignored one leaves (D1).
 */
export function recordConnection(account: Account, command: RecordConnection): Decision {
  const { commandId, accountId, memberId, through, at } = command;
  const { connected, open, ended } = relationWith(account, memberId);
  if (connected) return accept();
  // D23: the owner of the closed account had accepted. The event ends the connection in the other account, too.
  if (account.closed)
    return accept({ type: 'ConnectionEnded', commandId, accountId, memberId, leaverId: accountId, at });
  if (ended) return accept();
  return accept({
    type: 'ConnectionRecorded',
    commandId,
    accountId,
    memberId,
    through,
    ...(open === undefined ? {} : { closes: open }),
    at,
  });
}

/** R6, R22, D6: no reminder is sent early or twice, and none for an invitation that is not untouched. */
export function remindRecipient(account: Account, command: RemindRecipient, policy: Policy): Decision {
  const { commandId, invitationId, ordinal, at } = command;
  const invitation = account.invitations.get(invitationId);
  const window = reminderWindow(policy, ordinal);
  if (invitation === undefined || window === undefined) return refuse('NOT_FOUND');
  if (invitation.status !== 'untouched' || account.closed) return refuse('NOT_OPEN');
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
interface ReminderWindow {
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

/**
 * D22: closes an invitation that has been open for too long. What counts is whether it is open as far as its inviter can know, and
 * since when. What the recipient did is not looked at, so an untouched, an ignored and a declined one expire alike (D1).
 */
export function expireInvitation(account: Account, command: ExpireInvitation, policy: Policy): Decision {
  const { commandId, invitationId, recipientId, at } = command;
  if (account.invitations.get(invitationId)?.recipientId !== recipientId) return refuse('NOT_FOUND');
  const { open, lastSentAt } = relationWith(account, recipientId);
  // The open invitation is always the last one that was sent to this member.
  if (open !== invitationId || lastSentAt === undefined) return refuse('NOT_OPEN');
  if (!isExpired(lastSentAt, at, policy)) return refuse('TOO_SOON');
  const inviterId = inviterOf(invitationId);
  return accept({ type: 'InvitationExpired', commandId, invitationId, inviterId, recipientId, at });
}

const isExpired = (sentAt: string, at: string, { invitationExpiryMs }: Policy): boolean =>
  invitationExpiryMs > 0 && Date.parse(at) - Date.parse(sentAt) >= invitationExpiryMs;
