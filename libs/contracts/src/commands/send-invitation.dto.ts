import { IsOptional } from 'class-validator';
import { IsEmailAddress } from '../email-address.js';
import { IsMemberId } from '../ids.js';
import { IsMemberText } from '../text.js';

/** Data of `invitations.send.v1`. */
export class SendInvitationData {
  /** The member who invites, and the Kafka key. */
  @IsMemberId()
  inviterId: string;

  /** The member who is invited. */
  @IsMemberId()
  recipientId: string;

  /** Needed after an invitation to this recipient was withdrawn (R34). */
  @IsOptional()
  @IsEmailAddress()
  recipientEmail?: string;

  /** Shown to the recipient, in the inbox and in the e-mail (D9). */
  @IsOptional()
  @IsMemberText(0, 300)
  message?: string;
}
