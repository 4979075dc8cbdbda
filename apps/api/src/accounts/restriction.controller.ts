import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger, Queryable } from '#libs/platform';
import { findAccountRestriction } from '#libs/read-models';
import { answer } from '../commands/answer.js';
import { ApiCommand } from '../commands/api-command.js';
import { CommandDesk } from '../commands/command-desk.js';
import { CommandId } from '../commands/command-id.js';
import { commandOf } from '../commands/command-of.js';
import { CommandResponse } from '../commands/command.responses.js';
import { ApiProblem } from '../http/api-problem.js';
import { JsonBody } from '../http/json-body.pipe.js';
import { BearerGuard } from '../identity/bearer.guard.js';
import { Member, type Identity } from '../identity/identity.js';
import { OperatorGuard } from '../identity/operator.guard.js';
import { logOperator } from '../operations/operator-log.js';
import { DATABASE, LOGGER } from '../tokens.js';
import { AccountIdPipe } from './account-id.pipe.js';
import { LiftRestrictionBody } from './lift-restriction.body.js';
import { RestrictionResponse } from './restriction.response.js';

@ApiTags('accounts')
@ApiBearerAuth()
@Controller('v1/accounts/:id')
@UseGuards(BearerGuard, OperatorGuard)
@ApiProblem(403, 'FORBIDDEN')
@ApiProblem(404, 'NOT_FOUND')
export class RestrictionController {
  constructor(
    private readonly desk: CommandDesk,
    @Inject(DATABASE) private readonly db: Queryable,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Whether the account can send, and nothing of how that came about (R29). */
  @Get('restriction')
  @ApiOperation({ summary: 'Whether an account can send invitations. For operators.' })
  @ApiOkResponse({ type: RestrictionResponse })
  restriction(
    @Req() { id: requestId }: FastifyRequest,
    @Member() { memberId: operatorId }: Identity,
    @Param('id', AccountIdPipe) accountId: string,
  ) {
    logOperator(this.logger, { action: 'read-restriction', operatorId, accountId, requestId });
    return findAccountRestriction(this.db, accountId);
  }

  /** D7: an account may send again, and its declines count from zero. */
  @Post('lift-restriction')
  @ApiOperation({ summary: 'Let a restricted account send again. For operators.' })
  @HttpCode(200)
  @ApiCommand('NOT_FOUND')
  @ApiOkResponse({ type: CommandResponse })
  async liftRestriction(
    @Req() { id: requestId }: FastifyRequest,
    @Member() { memberId: operatorId }: Identity,
    @Param('id', AccountIdPipe) accountId: string,
    @CommandId() commandId: string,
    @Body(new JsonBody(LiftRestrictionBody)) { reason }: LiftRestrictionBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const data = { accountId, operatorId, reason };
    const command = commandOf('invitations.lift-restriction.v1', commandId, data);
    let ended = 'not handed over';
    try {
      const outcome = await this.desk.carryOut(command);
      ended = outcome === undefined ? 'unknown' : (outcome.code ?? outcome.outcome);
      return answer(reply, outcome, { commandId });
    } finally {
      const action = { action: 'lift-restriction', ...data, commandId, requestId, outcome: ended } as const;
      logOperator(this.logger, action);
    }
  }
}
