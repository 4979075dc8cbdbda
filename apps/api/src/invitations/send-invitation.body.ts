import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { SendInvitationData } from '#libs/contracts';

/** The command's data but the inviter, who is whoever asks (D11). Its rules are the contract's. */
export class SendInvitationBody extends OmitType(SendInvitationData, ['inviterId'] as const) {
  @ApiProperty({ pattern: '^[A-Za-z0-9_-]{1,64}$' })
  override recipientId: string;

  @ApiPropertyOptional({ format: 'email' })
  override recipientEmail?: string;

  @ApiPropertyOptional({ maxLength: 300 })
  override message?: string;
}
