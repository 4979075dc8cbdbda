import { Body, Controller, HttpCode, Param, Post, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { CommandMessage } from '#libs/contracts';
import { invitationIdOf } from '#libs/invitation';
import { toHttpResponse, ApiCommand, CommandResponse } from '../commands/command.response.js';
import { CommandGateway } from '../commands/command-gateway.js';
import { CommandId, createCommand } from '../commands/command-request.js';
import { JsonBodyPipe, EmptyBodyPipe } from '../http/request-body.js';
import { BearerGuard } from '../identity/bearer.guard.js';
import { CurrentMember, type Identity } from '../identity/identity.js';
import { InvitationIdPipe } from '../http/id.pipes.js';
import { ReplyBody, SendInvitationBody, SendInvitationResponse } from './invitations.dto.js';

/** Refusals of every command on an existing invitation. */
const INVITATION_REFUSALS = ['NOT_FOUND', 'NOT_YOURS', 'NOT_OPEN', 'ALREADY_ANSWERED'] as const;

@ApiTags('invitations')
@ApiBearerAuth()
@Controller('v1/invitations')
@UseGuards(BearerGuard)
export class InvitationsController {
  constructor(private readonly commands: CommandGateway) {}

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
    @CurrentMember() { memberId: inviterId }: Identity,
    @CommandId() commandId: string,
    @Body(new JsonBodyPipe(SendInvitationBody)) { recipientId, recipientEmail, message }: SendInvitationBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const data = { inviterId, recipientId, recipientEmail, message };
    const outcome = await this.commands.execute(createCommand('invitations.send.v1', commandId, data));
    return toHttpResponse(reply, outcome, {
      invitationId: invitationIdOf(inviterId, commandId),
      commandId,
    });
  }

  @Post(':id/accept')
  @ApiOperation({ summary: 'Accept as its recipient: the two members are connected.' })
  @HttpCode(200)
  @ApiCommand(...INVITATION_REFUSALS)
  @ApiOkResponse({ type: CommandResponse })
  accept(
    @CurrentMember() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @CommandId() commandId: string,
    @Body(EmptyBodyPipe) _none: undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const data = { invitationId, actorId, via: 'site' };
    return this.execute(reply, createCommand('invitations.accept.v1', commandId, data));
  }

  @Post(':id/reply')
  @ApiOperation({ summary: 'Reply with a message as its recipient; accepting stays possible.' })
  @HttpCode(200)
  @ApiCommand(...INVITATION_REFUSALS)
  @ApiOkResponse({ type: CommandResponse })
  reply(
    @CurrentMember() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @CommandId() commandId: string,
    @Body(new JsonBodyPipe(ReplyBody)) { message }: ReplyBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const data = { invitationId, actorId, message };
    return this.execute(reply, createCommand('invitations.reply.v1', commandId, data));
  }

  @Post(':id/ignore')
  @ApiOperation({
    summary:
      'Ignore as its recipient, also after a reply: the invitation moves to the archive. Nobody is told.',
  })
  @HttpCode(200)
  @ApiCommand(...INVITATION_REFUSALS)
  @ApiOkResponse({ type: CommandResponse })
  ignore(
    @CurrentMember() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @CommandId() commandId: string,
    @Body(EmptyBodyPipe) _none: undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.execute(reply, createCommand('invitations.ignore.v1', commandId, { invitationId, actorId }));
  }

  @Post(':id/restore')
  @ApiOperation({
    summary:
      'Move an ignored invitation back to the inbox, as its recipient. Nobody is told; reminders do not start again.',
  })
  @HttpCode(200)
  @ApiCommand('NOT_IGNORED', ...INVITATION_REFUSALS)
  @ApiOkResponse({ type: CommandResponse })
  restore(
    @CurrentMember() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @CommandId() commandId: string,
    @Body(EmptyBodyPipe) _none: undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.execute(reply, createCommand('invitations.restore.v1', commandId, { invitationId, actorId }));
  }

  @Post(':id/decline')
  @ApiOperation({
    summary:
      'Decline an ignored invitation from somebody whom the member does not know. Cannot be undone. Nobody is told.',
  })
  @HttpCode(200)
  @ApiCommand('NOT_IGNORED', ...INVITATION_REFUSALS)
  @ApiOkResponse({ type: CommandResponse })
  decline(
    @CurrentMember() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @CommandId() commandId: string,
    @Body(EmptyBodyPipe) _none: undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.execute(reply, createCommand('invitations.decline.v1', commandId, { invitationId, actorId }));
  }

  @Post(':id/withdraw')
  @ApiOperation({
    summary: 'Withdraw as its inviter until it is accepted, also after a reply. Nobody is told.',
  })
  @HttpCode(200)
  @ApiCommand(...INVITATION_REFUSALS)
  @ApiOkResponse({ type: CommandResponse })
  withdraw(
    @CurrentMember() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @CommandId() commandId: string,
    @Body(EmptyBodyPipe) _none: undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.execute(
      reply,
      createCommand('invitations.withdraw.v1', commandId, { invitationId, actorId }),
    );
  }

  private async execute(reply: FastifyReply, command: CommandMessage) {
    const outcome = await this.commands.execute(command);
    return toHttpResponse(reply, outcome, { commandId: command.commandId });
  }
}
