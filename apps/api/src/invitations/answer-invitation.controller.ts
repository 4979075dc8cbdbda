import { Body, Controller, HttpCode, Param, Post, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { CommandMessage } from '#libs/contracts';
import { answer } from '../commands/answer.js';
import { ApiCommand } from '../commands/api-command.js';
import { CommandDesk } from '../commands/command-desk.js';
import { CommandId } from '../commands/command-id.js';
import { commandOf } from '../commands/command-of.js';
import { CommandResponse } from '../commands/command.responses.js';
import { JsonBody, NoBody } from '../http/json-body.pipe.js';
import { BearerGuard } from '../identity/bearer.guard.js';
import { Member, type Identity } from '../identity/identity.js';
import { InvitationIdPipe } from './invitation-id.pipe.js';
import { ReplyBody } from './reply.body.js';

/** Why a command on an invitation may be refused. */
const ON_INVITATION = ['NOT_FOUND', 'NOT_YOURS', 'NOT_OPEN', 'ALREADY_ANSWERED'] as const;

@ApiTags('invitations')
@ApiBearerAuth()
@Controller('v1/invitations/:id')
@UseGuards(BearerGuard)
export class AnswerInvitationController {
  constructor(private readonly desk: CommandDesk) {}

  @Post('accept')
  @ApiOperation({ summary: 'Accept, as its recipient: the two are connected.' })
  @HttpCode(200)
  @ApiCommand(...ON_INVITATION)
  @ApiOkResponse({ type: CommandResponse })
  accept(
    @Member() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @CommandId() commandId: string,
    @Body(NoBody) _none: undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const data = { invitationId, actorId, via: 'site' };
    return this.carryOut(reply, commandOf('invitations.accept.v1', commandId, data));
  }

  @Post('reply')
  @ApiOperation({ summary: 'Reply with a message, as its recipient; accepting stays possible.' })
  @HttpCode(200)
  @ApiCommand(...ON_INVITATION)
  @ApiOkResponse({ type: CommandResponse })
  reply(
    @Member() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @CommandId() commandId: string,
    @Body(new JsonBody(ReplyBody)) { message }: ReplyBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const data = { invitationId, actorId, message };
    return this.carryOut(reply, commandOf('invitations.reply.v1', commandId, data));
  }

  @Post('ignore')
  @ApiOperation({ summary: 'Ignore, as its recipient: into the archive. Nobody is told.' })
  @HttpCode(200)
  @ApiCommand(...ON_INVITATION)
  @ApiOkResponse({ type: CommandResponse })
  ignore(
    @Member() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @CommandId() commandId: string,
    @Body(NoBody) _none: undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.carryOut(reply, commandOf('invitations.ignore.v1', commandId, { invitationId, actorId }));
  }

  @Post('decline')
  @ApiOperation({
    summary: 'Say that one does not know the inviter, once ignored. Cannot be taken back. Nobody is told.',
  })
  @HttpCode(200)
  @ApiCommand('NOT_IGNORED', ...ON_INVITATION)
  @ApiOkResponse({ type: CommandResponse })
  decline(
    @Member() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @CommandId() commandId: string,
    @Body(NoBody) _none: undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.carryOut(reply, commandOf('invitations.decline.v1', commandId, { invitationId, actorId }));
  }

  @Post('withdraw')
  @ApiOperation({ summary: 'Withdraw, as its inviter, while there is no response. Nobody is told.' })
  @HttpCode(200)
  @ApiCommand(...ON_INVITATION)
  @ApiOkResponse({ type: CommandResponse })
  withdraw(
    @Member() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @CommandId() commandId: string,
    @Body(NoBody) _none: undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.carryOut(reply, commandOf('invitations.withdraw.v1', commandId, { invitationId, actorId }));
  }

  private async carryOut(reply: FastifyReply, command: CommandMessage) {
    const outcome = await this.desk.carryOut(command);
    return answer(reply, outcome, { commandId: command.commandId });
  }
}
