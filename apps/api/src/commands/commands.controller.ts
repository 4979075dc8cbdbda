import { Controller, Get, Inject, Param, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { UUID, type CommandOutcome } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { POOL } from '#libs/service';
import { ApiProblem, notFound } from '../http/problem.js';
import { BearerGuard } from '../identity/bearer.guard.js';
import { CurrentMember, type Identity } from '../identity/identity.js';
import { OutcomeResponse } from './command.response.js';
import { findOwnOutcome } from './stored-command.query.js';

@ApiTags('commands')
@ApiBearerAuth()
@Controller('v1/commands')
@UseGuards(BearerGuard)
export class CommandsController {
  constructor(@Inject(POOL) private readonly db: Queryable) {}

  /** Returns the stored outcome of a command to its actor; 404 to everybody else, and while there is no outcome. */
  @Get(':commandId')
  @ApiOperation({ summary: 'The outcome of one of the member’s own commands, once it is known.' })
  @ApiParam({ name: 'commandId', schema: { type: 'string', format: 'uuid' } })
  @ApiOkResponse({ type: OutcomeResponse })
  @ApiProblem(404, 'NOT_FOUND')
  async outcome(
    @CurrentMember() { memberId }: Identity,
    @Param('commandId') commandId: string,
  ): Promise<CommandOutcome> {
    const id = commandId.toLowerCase();
    const outcome = UUID.test(id) ? await findOwnOutcome(this.db, id, memberId) : undefined;
    if (outcome === undefined) throw notFound();
    return outcome;
  }
}
