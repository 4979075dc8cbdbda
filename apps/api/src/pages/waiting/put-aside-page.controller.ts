import { Body, Controller, Param, Post, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { commandOf } from '../../commands/command-of.js';
import { Member, type Identity } from '../../identity/identity.js';
import { SameOriginGuard } from '../../identity/same-origin.guard.js';
import { SessionGuard } from '../../identity/session.guard.js';
import { InvitationIdPipe } from '../../invitations/invitation-id.pipe.js';
import { Errands } from '../errands.js';
import { commandIdIn, formIn, placeIn } from '../form.js';
import { PageFilter } from '../page.filter.js';

/** What nobody is told of: from the inbox to the archive (R19), and only from there to "I don't know" (R23). */
@ApiExcludeController()
@Controller()
@UseGuards(SessionGuard, SameOriginGuard)
@UseFilters(PageFilter)
export class PutAsidePageController {
  constructor(private readonly errands: Errands) {}

  @Post('inbox/:id/ignore')
  ignore(
    @Member() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const form = formIn(body);
    return this.errands.run(reply, {
      command: commandOf('invitations.ignore.v1', commandIdIn(form), { invitationId, actorId }),
      invitationId,
      back: `/inbox${placeIn(form)}`,
      done: 'ignored',
      listed: ({ inInbox, ignored }) => !inInbox && ignored !== false,
    });
  }

  @Post('archive/:id/decline')
  decline(
    @Member() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const form = formIn(body);
    return this.errands.run(reply, {
      command: commandOf('invitations.decline.v1', commandIdIn(form), { invitationId, actorId }),
      invitationId,
      back: `/archive${placeIn(form)}`,
      done: 'declined',
      listed: ({ ignored }) => ignored === undefined,
    });
  }
}
