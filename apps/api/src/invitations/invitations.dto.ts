import { ApiProperty, ApiPropertyOptional, OmitType, PickType } from '@nestjs/swagger';
import { SendInvitationData, ReplyToInvitationData } from '#libs/contracts';
import { CommandResponse } from '../commands/command.response.js';

/** The command's data without the inviter, who is the authenticated member (D11). The contract validates it. */
export class SendInvitationBody extends OmitType(SendInvitationData, ['inviterId'] as const) {
  @ApiProperty({ pattern: '^[A-Za-z0-9_-]{1,64}$' })
  override recipientId: string;

  @ApiPropertyOptional({ format: 'email' })
  override recipientEmail?: string;

  @ApiPropertyOptional({ maxLength: 300 })
  override message?: string;
}

/** The command's data without the invitation, which is in the path, and the actor, who is in the token. */
export class ReplyBody extends PickType(ReplyToInvitationData, ['message'] as const) {
  @ApiProperty({ minLength: 1, maxLength: 2000 })
  override message: string;
}

export class SendInvitationResponse extends CommandResponse {
  @ApiProperty()
  invitationId: string;
}
