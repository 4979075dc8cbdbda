import type { CommandId, Instant, InvitationId, MemberId } from './ids.js';

/** What somebody wants. Each names its actor (D11) and brings the time at which it is decided. */
export type Command =
  | SendInvitation
  | AcceptInvitation
  | ReplyToInvitation
  | IgnoreInvitation
  | DeclineInvitation
  | WithdrawInvitation
  | LiftRestriction
  | RemindRecipient
  | RecordConnection;

interface Asked {
  readonly commandId: CommandId;
  readonly at: Instant;
}

/** What the members directory says of a recipient at the time of deciding. */
export interface RecipientFacts {
  /** The recipient is a known member who takes invitations (D13). */
  readonly available: boolean;
  /** The command named an e-mail address and it is the recipient's own (R34). */
  readonly emailMatches: boolean;
}

export interface SendInvitation extends Asked {
  readonly type: 'SendInvitation';
  readonly inviterId: MemberId;
  readonly recipientId: MemberId;
  readonly message?: string;
  readonly recipient: RecipientFacts;
}

interface OnInvitation extends Asked {
  readonly invitationId: InvitationId;
  readonly actorId: MemberId;
}

export interface AcceptInvitation extends OnInvitation {
  readonly type: 'AcceptInvitation';
  readonly via: 'site' | 'email';
}

export interface ReplyToInvitation extends OnInvitation {
  readonly type: 'ReplyToInvitation';
  readonly message: string;
}

export interface IgnoreInvitation extends OnInvitation {
  readonly type: 'IgnoreInvitation';
}

export interface DeclineInvitation extends OnInvitation {
  readonly type: 'DeclineInvitation';
}

export interface WithdrawInvitation extends OnInvitation {
  readonly type: 'WithdrawInvitation';
}

export interface LiftRestriction extends Asked {
  readonly type: 'LiftRestriction';
  readonly accountId: MemberId;
  readonly operatorId: string;
  readonly reason: string;
}

/** Issued by this service when a reminder is due; decided, so that no late read model sends a wrong one (R22, D6). */
export interface RemindRecipient extends Asked {
  readonly type: 'RemindRecipient';
  readonly invitationId: InvitationId;
  /** 1 for the first reminder of the invitation. */
  readonly ordinal: number;
}

/** Issued by this service after an acceptance, on the account of the member who accepted (D8). */
export interface RecordConnection extends Asked {
  readonly type: 'RecordConnection';
  readonly accountId: MemberId;
  readonly memberId: MemberId;
  readonly through: InvitationId;
}
