import { Matches } from 'class-validator';
import { applyDecorators } from './apply-decorators.js';
import { Normalize } from './normalize.js';

/** A member's id, given by the profile service. Case counts. */
export const MEMBER_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** RFC 9562 text form. Case is folded, so that one id has one spelling. */
export const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/** `<inviterId>.<commandId of its send>`; opaque to all but this service. */
export const INVITATION_ID = new RegExp(`^[A-Za-z0-9_-]{1,64}\\.${UUID.source.slice(1, -1)}$`);

export const IsMemberId = () => Matches(MEMBER_ID, { message: '$property must be a member id' });

/** Whoever put it together from a command's id in capitals means the same invitation. */
export const IsInvitationId = (): PropertyDecorator =>
  applyDecorators(
    Normalize(oneSpelling),
    Matches(INVITATION_ID, { message: '$property must be an invitation id' }),
  );

/** The inviter, whose id is the Kafka key of every command on the invitation. */
export function inviterOfInvitation(invitationId: string): string {
  return invitationId.slice(0, invitationId.indexOf('.'));
}

/** The member's id as it is, the UUID in small letters. */
function oneSpelling(invitationId: string): string {
  const dot = invitationId.indexOf('.');
  return dot === -1 ? invitationId : invitationId.slice(0, dot) + invitationId.slice(dot).toLowerCase();
}
