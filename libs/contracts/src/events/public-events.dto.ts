import { IsIn, IsInt, IsISO8601, IsOptional, IsString, Min } from 'class-validator';
import { IsInvitationId, IsMemberId } from '../ids.js';

class OfInvitation {
  @IsInvitationId()
  invitationId: string;

  @IsMemberId()
  inviterId: string;

  @IsMemberId()
  recipientId: string;

  /** When it happened, UTC. */
  @IsISO8601({ strict: true })
  at: string;
}

/** Data of `invitations.sent.v1`. */
export class InvitationSentData extends OfInvitation {
  @IsOptional()
  @IsString()
  message?: string;
}

/** Data of `invitations.accepted.v1`. */
export class InvitationAcceptedData extends OfInvitation {
  @IsIn(['site', 'email'])
  via: 'site' | 'email';
}

/** Data of `invitations.replied.v1`. */
export class InvitationRepliedData extends OfInvitation {
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
  @IsISO8601({ strict: true })
  validUntil: string;
}
