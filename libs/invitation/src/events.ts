import type { CommandId, Instant, InvitationId, MemberId } from './ids.js';

/**
 * What happened to one account, in the past tense. The type names and fields are stored for ever and replayed by
 * analysts: they are never renamed or reused; a change is a new version and an upcaster.
 */
export type InvitationEvent =
  | InvitationSent
  | InvitationAccepted
  | InvitationReplied
  | InvitationIgnored
  | InvitationDeclined
  | InvitationWithdrawn
  | InvitationReminderDue
  | AccountRestricted
  | AccountRestrictionLifted
  | ConnectionRecorded;

interface Happened {
  /** The command that caused it. A stream that holds this id has carried the command out (D10). */
  readonly commandId: CommandId;
  readonly at: Instant;
}

interface OfInvitation extends Happened {
  readonly invitationId: InvitationId;
  readonly inviterId: MemberId;
  readonly recipientId: MemberId;
}

export interface InvitationSent extends OfInvitation {
  readonly type: 'InvitationSent';
  readonly message?: string;
  /** The open invitation to the same recipient that this follow-up replaces (D2). */
  readonly supersedes?: InvitationId;
}

export interface InvitationAccepted extends OfInvitation {
  readonly type: 'InvitationAccepted';
  readonly via: 'site' | 'email';
}

export interface InvitationReplied extends OfInvitation {
  readonly type: 'InvitationReplied';
  readonly message: string;
}

export interface InvitationIgnored extends OfInvitation {
  readonly type: 'InvitationIgnored';
}

export interface InvitationDeclined extends OfInvitation {
  readonly type: 'InvitationDeclined';
}

export interface InvitationWithdrawn extends OfInvitation {
  readonly type: 'InvitationWithdrawn';
}

export interface InvitationReminderDue extends OfInvitation {
  readonly type: 'InvitationReminderDue';
  /** 1 for the first reminder of the invitation. */
  readonly ordinal: number;
  /** After this instant it is no longer sent. */
  readonly validUntil: Instant;
}

export interface AccountRestricted extends Happened {
  readonly type: 'AccountRestricted';
  readonly accountId: MemberId;
}

export interface AccountRestrictionLifted extends Happened {
  readonly type: 'AccountRestrictionLifted';
  readonly accountId: MemberId;
  readonly operatorId: string;
  readonly reason: string;
}

/** D8: the other side of an acceptance, in the account of the member who accepted. */
export interface ConnectionRecorded extends Happened {
  readonly type: 'ConnectionRecorded';
  readonly accountId: MemberId;
  readonly memberId: MemberId;
  /** The accepted invitation; it is in the other member's account. */
  readonly through: InvitationId;
  /** This account's own open invitation to the same member, which has become pointless. */
  readonly closes?: InvitationId;
}
