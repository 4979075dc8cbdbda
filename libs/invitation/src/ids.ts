/** Matches `[A-Za-z0-9_-]{1,64}`; the contract's DTOs check it before a command gets here. */
export type MemberId = string;

/** `<inviterId>.<commandId of its send>`. */
export type InvitationId = string;

/** A UUID, in lower case. */
export type CommandId = string;

/** An instant in UTC, ISO 8601 with milliseconds, as `Date.prototype.toISOString` writes it. */
export type Instant = string;
