import { Body, Controller, Get, HttpCode, Inject, Param, Post, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { MEMBER_ID } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findAccountRestriction } from '#libs/read-models';
import { answer } from '../commands/answer.js';
import { ApiCommand } from '../commands/api-command.js';
import { CommandDesk } from '../commands/command-desk.js';
import { CommandId } from '../commands/command-id.js';
import { commandOf } from '../commands/command-of.js';
import { CommandResponse } from '../commands/command.responses.js';
import { JsonBody } from '../http/json-body.pipe.js';
import { notFound } from '../http/problem.js';
import { BearerGuard } from '../identity/bearer.guard.js';
import { Member, type Identity } from '../identity/identity.js';
import { OperatorGuard } from '../identity/operator.guard.js';
import { DATABASE } from '../tokens.js';
import { LiftRestrictionBody } from './lift-restriction.body.js';
import { RestrictionResponse } from './restriction.response.js';

@ApiTags('accounts')
@ApiBearerAuth()
@Controller('v1/accounts/:id')
@UseGuards(BearerGuard, OperatorGuard)
export class RestrictionController {
  constructor(
    private readonly desk: CommandDesk,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  /** Whether the account can send, and nothing of how that came about (R29). */
  @Get('restriction')
  @ApiOkResponse({ type: RestrictionResponse })
  restriction(@Param('id') accountId: string) {
    if (!MEMBER_ID.test(accountId)) throw notFound();
    return findAccountRestriction(this.db, accountId);
  }

  /** D7: an account may send again, and its declines count from zero. */
  @Post('lift-restriction')
  @HttpCode(200)
  @ApiCommand()
  @ApiOkResponse({ type: CommandResponse })
  async lift(
    @Member() { memberId: operatorId }: Identity,
    @Param('id') accountId: string,
    @CommandId() commandId: string,
    @Body(new JsonBody(LiftRestrictionBody)) { reason }: LiftRestrictionBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    if (!MEMBER_ID.test(accountId)) throw notFound();
    const data = { accountId, operatorId, reason };
    const command = commandOf('invitations.lift-restriction.v1', commandId, data);
    return answer(reply, await this.desk.carryOut(command), { commandId });
  }
}
