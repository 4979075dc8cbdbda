import { IsInt, Min } from 'class-validator';
import { IsInvitationId, IsMemberId } from '../ids.js';

/** Data of `invitations.remind.v1`, which only this service issues: a reminder may be due. */
export class RemindRecipientData {
  @IsInvitationId()
  invitationId: string;

  /** 1 for the first reminder of an invitation. */
  @IsInt()
  @Min(1)
  ordinal: number;
}

/** Data of `invitations.record-connection.v1`, which only this service issues: the other side of an acceptance (D8). */
export class RecordConnectionData {
  /** The member who accepted. */
  @IsMemberId()
  accountId: string;

  /** The member who had invited. */
  @IsMemberId()
  memberId: string;

  /** The accepted invitation. */
  @IsInvitationId()
  through: string;
}

/** Who asks for what no person asked for. No member has this id. */
export const THE_SERVICE = '$invitations';
