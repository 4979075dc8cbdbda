import { Body, Controller, Param, Post, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { createCommand } from '../../commands/command-request.js';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { SameOriginGuard, SessionGuard } from '../../identity/session.guard.js';
import { InvitationIdPipe } from '../../http/id.pipes.js';
import { FormActions } from '../support/form-actions.js';
import { readCommandId, requireForm, readCursorQuery } from '../support/form.js';
import { PageFilter } from '../support/page.filter.js';

/**
 * The two silent actions: ignoring moves an invitation from the inbox to the archive (R19), and only there it can be
 * declined (R23).
 */
@ApiExcludeController()
@Controller()
@UseGuards(SessionGuard, SameOriginGuard)
@UseFilters(PageFilter)
export class IgnoreDeclineController {
  constructor(private readonly actions: FormActions) {}

  @Post('inbox/:id/ignore')
  ignore(
    @CurrentMember() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const form = requireForm(body);
    return this.actions.execute(reply, {
      command: createCommand('invitations.ignore.v1', readCommandId(form), { invitationId, actorId }),
      invitationId,
      returnTo: `/inbox${readCursorQuery(form)}`,
      successNotice: 'ignored',
      isVisible: ({ inInbox, ignored }) => !inInbox && ignored !== false,
    });
  }

  @Post('archive/:id/decline')
  decline(
    @CurrentMember() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const form = requireForm(body);
    return this.actions.execute(reply, {
      command: createCommand('invitations.decline.v1', readCommandId(form), { invitationId, actorId }),
      invitationId,
      returnTo: `/archive${readCursorQuery(form)}`,
      successNotice: 'declined',
      isVisible: ({ ignored }) => ignored === undefined,
    });
  }
}
