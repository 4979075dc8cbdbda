import type { Account, Invitation } from '../account.js';
import type { RefusalCode } from '../decision.js';
import type { CommandId, Instant, InvitationId, MemberId } from '../ids.js';

/** The fields that every event of an invitation has. */
export interface InvitationEventIds {
  readonly commandId: CommandId;
  readonly invitationId: InvitationId;
  readonly inviterId: MemberId;
  readonly recipientId: MemberId;
  readonly at: Instant;
}

/**
 * D4, D11: the invitation, if it is the actor's to act on in this role. A stranger learns nothing, not even that it
 * exists; the other side of the same invitation is told that this is not theirs to do.
 */
export function invitationFor(
  role: 'inviter' | 'recipient',
  account: Account,
  command: { commandId: CommandId; invitationId: InvitationId; actorId: MemberId; at: Instant },
): { invitation: Invitation; ids: InvitationEventIds } | { refusal: RefusalCode } {
  const { commandId, invitationId, actorId, at } = command;
  const invitation = account.invitations.get(invitationId);
  if (invitation === undefined) return { refusal: 'NOT_FOUND' };
  const sides = { inviter: inviterOf(invitationId), recipient: invitation.recipientId };
  if (!Object.values(sides).includes(actorId)) return { refusal: 'NOT_FOUND' };
  if (actorId !== sides[role]) return { refusal: 'NOT_YOURS' };
  const { inviter: inviterId, recipient: recipientId } = sides;
  return { invitation, ids: { commandId, invitationId, inviterId, recipientId, at } };
}

/** The account that decides about an invitation: the part of its id before the first dot, which no member id contains. */
export function inviterOf(invitationId: InvitationId): MemberId {
  return invitationId.slice(0, Math.max(0, invitationId.indexOf('.')));
}
