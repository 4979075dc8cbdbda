import type { Account, Invitation } from '../account.js';
import type { RefusalCode } from '../decision.js';
import { inviterOf, type CommandId, type Instant, type InvitationId, type MemberId } from '../ids.js';

/** The fields that every event of an invitation has. */
export interface InvitationEventIds {
  readonly commandId: CommandId;
  readonly invitationId: InvitationId;
  readonly inviterId: MemberId;
  readonly recipientId: MemberId;
  readonly at: Instant;
}

/**
 * Finds the invitation of a command, if the actor may act on it in this role (D4, D11). A stranger does not even learn that
 * it exists; the other party of the invitation learns that the command is not theirs.
 */
export function authorizeActor(
  role: 'inviter' | 'recipient',
  account: Account,
  command: { commandId: CommandId; invitationId: InvitationId; actorId: MemberId; at: Instant },
): { invitation: Invitation; ids: InvitationEventIds } | { refusal: RefusalCode } {
  const { commandId, invitationId, actorId, at } = command;
  const invitation = account.invitations.get(invitationId);
  if (invitation === undefined) return { refusal: 'NOT_FOUND' };
  const parties = { inviter: inviterOf(invitationId), recipient: invitation.recipientId };
  if (!Object.values(parties).includes(actorId)) return { refusal: 'NOT_FOUND' };
  if (actorId !== parties[role]) return { refusal: 'NOT_YOURS' };
  const { inviter: inviterId, recipient: recipientId } = parties;
  return { invitation, ids: { commandId, invitationId, inviterId, recipientId, at } };
}
