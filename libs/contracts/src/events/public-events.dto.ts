import { IsIn, IsInt, IsOptional, IsString, Min } from 'class-validator';
import { IsInvitationId, IsMemberId } from '../ids.js';
import { IsInstant } from '../instant.js';

class OfInvitation {
  /** Opaque: compare it, do not take it apart. */
  @IsInvitationId()
  invitationId: string;

  /** The member who invited. */
  @IsMemberId()
  inviterId: string;

  /** The member who was invited. */
  @IsMemberId()
  recipientId: string;

  /** When it happened, UTC. */
  @IsInstant()
  at: string;
}

/** Data of `invitations.sent.v1`. */
export class InvitationSentData extends OfInvitation {
  /** What the inviter wrote; absent where that is nothing. */
  @IsOptional()
  @IsString()
  message?: string;
}

/** Data of `invitations.accepted.v1`. */
export class InvitationAcceptedData extends OfInvitation {
  /** On the site or by the link in an e-mail (R11). */
  @IsIn(['site', 'email'])
  via: 'site' | 'email';
}

/** Data of `invitations.replied.v1`. */
export class InvitationRepliedData extends OfInvitation {
  /** What the recipient wrote (R15). */
  @IsString()
  message: string;
}

/** Data of `invitations.reminder-due.v1`. */
export class ReminderDueData extends OfInvitation {
  /** 1 for the first reminder of an invitation. */
  @IsInt()
  @Min(1)
  ordinal: number;

  /** After this instant the reminder is no longer sent. */
  @IsInstant()
  validUntil: string;
}
