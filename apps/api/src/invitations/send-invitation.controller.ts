import { Body, Controller, HttpCode, Post, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { answer } from '../commands/answer.js';
import { ApiCommand } from '../commands/api-command.js';
import { CommandDesk } from '../commands/command-desk.js';
import { CommandId } from '../commands/command-id.js';
import { commandOf } from '../commands/command-of.js';
import { JsonBody } from '../http/json-body.pipe.js';
import { BearerGuard } from '../identity/bearer.guard.js';
import { Member, type Identity } from '../identity/identity.js';
import { SendInvitationBody } from './send-invitation.body.js';
import { SendInvitationResponse } from './send-invitation.response.js';

@ApiTags('invitations')
@ApiBearerAuth()
@Controller('v1/invitations')
@UseGuards(BearerGuard)
export class SendInvitationController {
  constructor(private readonly desk: CommandDesk) {}

  @Post()
  @ApiOperation({ summary: 'Invite a member to connect, or follow up on an earlier invitation.' })
  @HttpCode(201)
  @ApiCommand(
    'ACCOUNT_RESTRICTED',
    'LIMIT_REACHED',
    'ALREADY_CONNECTED',
    'TOO_SOON',
    'EMAIL_REQUIRED',
    'RECIPIENT_UNAVAILABLE',
  )
  @ApiCreatedResponse({ type: SendInvitationResponse })
  async send(
    @Member() { memberId: inviterId }: Identity,
    @CommandId() commandId: string,
    @Body(new JsonBody(SendInvitationBody)) { recipientId, recipientEmail, message }: SendInvitationBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const data = { inviterId, recipientId, recipientEmail, message };
    const outcome = await this.desk.carryOut(commandOf('invitations.send.v1', commandId, data));
    return answer(reply, outcome, { invitationId: `${inviterId}.${commandId}`, commandId });
  }
}
