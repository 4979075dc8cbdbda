/** Matches `[A-Za-z0-9_-]{1,64}`. The DTOs of the contract check it before a command gets here. */
export type MemberId = string;

/** `<inviterId>.<commandId of its send>`. */
export type InvitationId = string;

/** A UUID, in lower case. */
export type CommandId = string;

/** An instant in UTC, ISO 8601 with milliseconds, as `Date.prototype.toISOString` writes it. */
export type Instant = string;

/** The id of the invitation that a send creates. */
export const invitationIdOf = (inviterId: MemberId, commandId: CommandId): InvitationId =>
  `${inviterId}.${commandId}`;

/** The inviter: the part of the id before the first dot, which no member id contains. */
export function inviterOf(invitationId: InvitationId): MemberId {
  return invitationId.slice(0, Math.max(0, invitationId.indexOf('.')));
}
