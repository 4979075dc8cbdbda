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

/**
 * Events of one account, named in the past tense. Type names and fields are stored for ever and replayed by analysts, so
 * they are never renamed or reused. A change is a new version with an upcaster.
 */
export type InvitationEvent =
  | InvitationSent
  | InvitationAccepted
  | InvitationReplied
  | InvitationIgnored
  | InvitationRestored
  | InvitationDeclined
  | InvitationWithdrawn
  | InvitationReminderDue
  | InvitationExpired
  | InvitationClosed
  | AccountRestricted
  | AccountRestrictionLifted
  | AccountClosed
  | ConnectionRecorded
  | ConnectionEnded;

interface BaseEvent {
  /** The command that caused the event. A stream that contains this id has processed the command (D10). */
  readonly commandId: CommandId;
  /** The time of the decision. */
  readonly at: Instant;
}

interface BaseInvitationEvent extends BaseEvent {
  /** The invitation. */
  readonly invitationId: InvitationId;
  /** The member who sent the invitation. The event is in this member's account. */
  readonly inviterId: MemberId;
  /** The member to whom the invitation was sent. */
  readonly recipientId: MemberId;
}

/** A member invited another member to connect, by a first invitation or a follow-up (R5, R21). */
export interface InvitationSent extends BaseInvitationEvent {
  readonly type: 'InvitationSent';
  /** The inviter's message; null if it cannot be read, because the inviter was erased or a reader has no keys. */
  readonly message?: string | null;
  /** The open invitation to the same recipient that this follow-up replaces (D2). */
  readonly supersedes?: InvitationId;
}

/** The recipient accepted, and the two members are connected (R10). */
export interface InvitationAccepted extends BaseInvitationEvent {
  readonly type: 'InvitationAccepted';
  /** Whether the recipient accepted on the site or by the link in an e-mail (R11). */
  readonly via: 'site' | 'email';
}

/** The recipient replied with a message instead of accepting. They may still accept (R15, R18). */
export interface InvitationReplied extends BaseInvitationEvent {
  readonly type: 'InvitationReplied';
  /** The recipient's message; null if it cannot be read, because the recipient was erased or a reader has no keys. */
  readonly message: string | null;
}

/** The recipient moved the invitation to the archive. It is neither accepted nor refused (R19). */
export interface InvitationIgnored extends BaseInvitationEvent {
  readonly type: 'InvitationIgnored';
}

/** The recipient moved the ignored invitation from the archive back to the inbox. Reminders do not start again (D20). */
export interface InvitationRestored extends BaseInvitationEvent {
  readonly type: 'InvitationRestored';
}

/** The recipient ignored the invitation before, and now said that they do not know the inviter (R23–R25). */
export interface InvitationDeclined extends BaseInvitationEvent {
  readonly type: 'InvitationDeclined';
}

/** The inviter withdrew the invitation (R31). */
export interface InvitationWithdrawn extends BaseInvitationEvent {
  readonly type: 'InvitationWithdrawn';
}

/** A reminder of an untouched invitation was due, and its e-mail was ordered (R6, D6). */
export interface InvitationReminderDue extends BaseInvitationEvent {
  readonly type: 'InvitationReminderDue';
  /** 1 for the first reminder of the invitation. */
  readonly ordinal: number;
  /** The e-mail is not sent after this instant. */
  readonly validUntil: Instant;
}

/** The invitation was open for longer than the policy allows, and was closed (D22). */
export interface InvitationExpired extends BaseInvitationEvent {
  readonly type: 'InvitationExpired';
}

/** The invitation ended with its inviter's account (D23). */
export interface InvitationClosed extends BaseInvitationEvent {
  readonly type: 'InvitationClosed';
}

/** Declines by different recipients restricted the account, which can send nothing now (R26, D7). */
export interface AccountRestricted extends BaseEvent {
  readonly type: 'AccountRestricted';
  /** The account. */
  readonly accountId: MemberId;
}

/** An operator lifted the restriction. The count of declines starts again (D7). */
export interface AccountRestrictionLifted extends BaseEvent {
  readonly type: 'AccountRestrictionLifted';
  /** The account. */
  readonly accountId: MemberId;
  /** The operator who lifted the restriction. */
  readonly operatorId: string;
  /** The operator's reason, in their own words. */
  readonly reason: string;
}

/** The account was closed for ever, because its owner left the network (D23). */
export interface AccountClosed extends BaseEvent {
  readonly type: 'AccountClosed';
  /** The account. */
  readonly accountId: MemberId;
  /** The operator, or the service, that closed the account. */
  readonly operatorId: string;
}

/** The connection was recorded in the account of the member who accepted (D8). */
export interface ConnectionRecorded extends BaseEvent {
  readonly type: 'ConnectionRecorded';
  /** The account of the member who accepted. */
  readonly accountId: MemberId;
  /** The inviter, with whom this member is connected now. */
  readonly memberId: MemberId;
  /** The accepted invitation, which is in the other member's account. */
  readonly through: InvitationId;
  /** This account's own open invitation to the same member, which this event closes. */
  readonly closes?: InvitationId;
}

/** The account of one of the two members was closed, and with it their connection ended (D23). Both accounts have this event. */
export interface ConnectionEnded extends BaseEvent {
  readonly type: 'ConnectionEnded';
  /** The account. */
  readonly accountId: MemberId;
  /** The member with whom it is not connected any more. */
  readonly memberId: MemberId;
  /** The one of the two whose account was closed. */
  readonly leaverId: MemberId;
}

/** Ends an exhaustive switch: a case that is missing from the switch does not compile. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
