import { IsEmail, IsOptional } from 'class-validator';
import { IsMemberId } from '../ids.js';
import { IsMemberText } from '../text.js';

/** Data of `invitations.send.v1`. */
export class SendInvitationData {
  @IsMemberId()
  inviterId: string;

  @IsMemberId()
  recipientId: string;

  /** Needed after an invitation to this recipient was withdrawn (R34). */
  @IsOptional()
  @IsEmail({}, { message: '$property must be an e-mail address' })
  recipientEmail?: string;

  @IsOptional()
  @IsMemberText(0, 300)
  message?: string;
}
