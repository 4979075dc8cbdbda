import { Controller, Get, Inject, Param, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { UUID, type CommandOutcome } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { ApiProblem } from '../http/api-problem.js';
import { notFound } from '../http/problem.js';
import { BearerGuard } from '../identity/bearer.guard.js';
import { Member, type Identity } from '../identity/identity.js';
import { DATABASE } from '../tokens.js';
import { OutcomeResponse } from './command.responses.js';
import { storedOutcome } from './stored-outcome.js';

@ApiTags('commands')
@ApiBearerAuth()
@Controller('v1/commands')
@UseGuards(BearerGuard)
export class CommandsController {
  constructor(@Inject(DATABASE) private readonly db: Queryable) {}

  /** The stored outcome of a command, to who published it; 404 to others, and while there is none. */
  @Get(':commandId')
  @ApiOperation({ summary: 'The outcome of one of one’s own commands, once it is known.' })
  @ApiParam({ name: 'commandId', schema: { type: 'string', format: 'uuid' } })
  @ApiOkResponse({ type: OutcomeResponse })
  @ApiProblem(404, 'NOT_FOUND')
  async outcome(
    @Member() { memberId }: Identity,
    @Param('commandId') commandId: string,
  ): Promise<CommandOutcome> {
    const id = commandId.toLowerCase();
    const outcome = UUID.test(id) ? await storedOutcome(this.db, id, memberId) : undefined;
    if (outcome === undefined) throw notFound();
    return outcome;
  }
}
