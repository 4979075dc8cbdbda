import { Matches } from 'class-validator';
import { v5 as uuid5 } from 'uuid';
import { applyDecorators, Normalize } from './decorators.js';

/** A member's id, assigned by the profile service. It is case-sensitive. */
export const MEMBER_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** RFC 9562 text form. It is compared in lower case, so that one id has one spelling. */
export const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/** `<inviterId>.<commandId of its send>`; opaque to other services. */
export const INVITATION_ID = new RegExp(`^[A-Za-z0-9_-]{1,64}\\.${UUID.source.slice(1, -1)}$`);

export const IsMemberId = () => Matches(MEMBER_ID, { message: '$property must be a member id' });

/** Accepts the UUID in upper case, too: a publisher may have built the id from a command id in upper case. */
export const IsInvitationId = (): PropertyDecorator =>
  applyDecorators(
    Normalize(canonicalInvitationId),
    Matches(INVITATION_ID, { message: '$property must be an invitation id' }),
  );

/** Lower-cases the UUID, and leaves the member's id as it is. */
function canonicalInvitationId(invitationId: string): string {
  const dot = invitationId.indexOf('.');
  return dot === -1 ? invitationId : invitationId.slice(0, dot) + invitationId.slice(dot).toLowerCase();
}

/** Namespace of the service's command ids. If it changed, commands that were processed before would be processed again. */
const SERVICE_COMMAND_IDS = '0b9d7c3e-6a0c-5a53-8f6f-3f8a5f0d2c11';

/** The index of the character that holds a UUID's version. */
const VERSION_AT = 14;

/**
 * Derives the id of a command that this service issues from its cause, so that the same cause always gives the same id. It is
 * a UUID of version 8 (RFC 9562: custom), which members may not use. They could otherwise compute such an id, and use it
 * before the service does, or ask for its outcome.
 */
export function serviceCommandId(cause: string): string {
  const id = uuid5(cause, SERVICE_COMMAND_IDS);
  return `${id.slice(0, VERSION_AT)}8${id.slice(VERSION_AT + 1)}`;
}

export const isServiceCommandId = (id: string): boolean => id[VERSION_AT] === '8';
