import { ApiProperty, PickType } from '@nestjs/swagger';
import { ReplyToInvitationData } from '#libs/contracts';

/** What is left of the command's data: invitation and actor come from the address and the token. */
export class ReplyBody extends PickType(ReplyToInvitationData, ['message'] as const) {
  @ApiProperty({ minLength: 1, maxLength: 2000 })
  override message: string;
}
