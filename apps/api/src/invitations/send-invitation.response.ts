import { ApiProperty } from '@nestjs/swagger';
import { CommandResponse } from '../commands/command.responses.js';

export class SendInvitationResponse extends CommandResponse {
  @ApiProperty()
  invitationId: string;
}
