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
  /** When it was decided. */
  readonly at: Instant;
}

interface OfInvitation extends Happened {
  /** Which invitation. */
  readonly invitationId: InvitationId;
  /** Who sent it; the event is in this member's account. */
  readonly inviterId: MemberId;
  /** To whom. */
  readonly recipientId: MemberId;
}

/** A member invited another to connect: a first invitation, or a follow-up (R5, R21). */
export interface InvitationSent extends OfInvitation {
  readonly type: 'InvitationSent';
  /** What the inviter wrote. */
  readonly message?: string;
  /** The open invitation to the same recipient that this follow-up replaces (D2). */
  readonly supersedes?: InvitationId;
}

/** The recipient accepted; the two are connected (R10). */
export interface InvitationAccepted extends OfInvitation {
  readonly type: 'InvitationAccepted';
  /** On the site, or by the link in an e-mail (R11). */
  readonly via: 'site' | 'email';
}

/** The recipient answered with a message instead; they may still accept (R15, R18). */
export interface InvitationReplied extends OfInvitation {
  readonly type: 'InvitationReplied';
  /** What the recipient wrote. */
  readonly message: string;
}

/** The recipient moved it to the archive, neither accepted nor refused (R19). */
export interface InvitationIgnored extends OfInvitation {
  readonly type: 'InvitationIgnored';
}

/** After ignoring it, the recipient said that they do not know the inviter (R23–R25). */
export interface InvitationDeclined extends OfInvitation {
  readonly type: 'InvitationDeclined';
}

/** The inviter took it back (R31). */
export interface InvitationWithdrawn extends OfInvitation {
  readonly type: 'InvitationWithdrawn';
}

/** A reminder was due while the invitation was untouched, and was sent for (R6, D6). */
export interface InvitationReminderDue extends OfInvitation {
  readonly type: 'InvitationReminderDue';
  /** 1 for the first reminder of the invitation. */
  readonly ordinal: number;
  /** After this instant it is no longer sent. */
  readonly validUntil: Instant;
}

/** Declines by different recipients have restricted the account: it can send nothing (R26, D7). */
export interface AccountRestricted extends Happened {
  readonly type: 'AccountRestricted';
  /** Whose account. */
  readonly accountId: MemberId;
}

/** An operator lifted the restriction; the count of declines starts again (D7). */
export interface AccountRestrictionLifted extends Happened {
  readonly type: 'AccountRestrictionLifted';
  /** Whose account. */
  readonly accountId: MemberId;
  /** Who lifted it. */
  readonly operatorId: string;
  /** Why, in the operator's words. */
  readonly reason: string;
}

/** D8: the other side of an acceptance, in the account of the member who accepted. */
export interface ConnectionRecorded extends Happened {
  readonly type: 'ConnectionRecorded';
  /** Whose account: the member who accepted. */
  readonly accountId: MemberId;
  /** The inviter, with whom they are connected now. */
  readonly memberId: MemberId;
  /** The accepted invitation; it is in the other member's account. */
  readonly through: InvitationId;
  /** This account's own open invitation to the same member, which has become pointless. */
  readonly closes?: InvitationId;
}
