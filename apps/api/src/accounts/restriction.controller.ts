import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger, Queryable } from '#libs/platform';
import { findAccountRestriction } from '#libs/read-models';
import { LOGGER, POOL } from '#libs/service';
import { toHttpResponse, ApiCommand, CommandResponse } from '../commands/command.response.js';
import { CommandGateway } from '../commands/command-gateway.js';
import { CommandId, createCommand } from '../commands/command-request.js';
import { ApiProblem } from '../http/problem.js';
import { JsonBodyPipe } from '../http/request-body.js';
import { BearerGuard, OperatorGuard } from '../identity/bearer.guard.js';
import { CurrentMember, type Identity } from '../identity/identity.js';
import { logOperatorAction } from './operator-log.js';
import { AccountIdPipe } from '../http/id.pipes.js';
import { LiftRestrictionBody, RestrictionResponse } from './restriction.dto.js';

@ApiTags('accounts')
@ApiBearerAuth()
@Controller('v1/accounts/:id')
@UseGuards(BearerGuard, OperatorGuard)
@ApiProblem(403, 'FORBIDDEN')
@ApiProblem(404, 'NOT_FOUND')
export class RestrictionController {
  constructor(
    private readonly commands: CommandGateway,
    @Inject(POOL) private readonly db: Queryable,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Returns whether the account can send, and nothing about how that came about (R29). */
  @Get('restriction')
  @ApiOperation({ summary: 'Whether an account can send invitations. For operators.' })
  @ApiOkResponse({ type: RestrictionResponse })
  restriction(
    @Req() { id: requestId }: FastifyRequest,
    @CurrentMember() { memberId: operatorId }: Identity,
    @Param('id', AccountIdPipe) accountId: string,
  ) {
    logOperatorAction(this.logger, { action: 'read-restriction', operatorId, accountId, requestId });
    return findAccountRestriction(this.db, accountId);
  }

  /** D7: the account may send again, and its count of declines starts at zero. */
  @Post('lift-restriction')
  @ApiOperation({ summary: 'Let a restricted account send again. For operators.' })
  @HttpCode(200)
  @ApiCommand('NOT_FOUND')
  @ApiOkResponse({ type: CommandResponse })
  async liftRestriction(
    @Req() { id: requestId }: FastifyRequest,
    @CurrentMember() { memberId: operatorId }: Identity,
    @Param('id', AccountIdPipe) accountId: string,
    @CommandId() commandId: string,
    @Body(new JsonBodyPipe(LiftRestrictionBody)) { reason }: LiftRestrictionBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const data = { accountId, operatorId, reason };
    const command = createCommand('invitations.lift-restriction.v1', commandId, data);
    let result = 'not handed over';
    try {
      const outcome = await this.commands.execute(command);
      result = outcome === undefined ? 'unknown' : (outcome.code ?? outcome.outcome);
      return toHttpResponse(reply, outcome, { commandId });
    } finally {
      const action = { action: 'lift-restriction', ...data, commandId, requestId, outcome: result } as const;
      logOperatorAction(this.logger, action);
    }
  }
}
