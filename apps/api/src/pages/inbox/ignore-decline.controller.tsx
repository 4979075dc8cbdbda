import { Body, Get, Inject, Param, Post, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Queryable } from '#libs/platform';
import { findLinkedInvitation } from '#libs/read-models';
import { POOL } from '#libs/service';
import { createCommand } from '../../commands/command-request.js';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { SameOriginGuard } from '../../identity/session.guard.js';
import { InvitationIdPipe } from '../../http/id.pipes.js';
import { FormActions } from '../support/form-actions.js';
import { readCommandId, requireForm, readCursorQuery } from '../support/form.js';
import { PageController } from '../support/page-controller.js';
import { PageRenderer } from '../support/page-renderer.js';
import { IgnorePage } from './ignore.page.js';

/**
 * The two silent actions: ignoring moves an invitation from the inbox to the archive (R19), and only there it can be
 * declined (R23).
 */
@PageController('')
export class IgnoreDeclineController {
  constructor(
    private readonly pages: PageRenderer,
    private readonly actions: FormActions,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  @Get('inbox/:id/ignore')
  async show(
    @CurrentMember() { memberId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const invitation = await findLinkedInvitation(this.db, memberId, invitationId);
    if (invitation === undefined) return this.pages.redirect(reply, '/inbox', { code: 'NOT_OPEN' });
    return this.pages.render(reply, {
      status: 200,
      page: (view) => <IgnorePage view={view} invitation={invitation} />,
    });
  }

  @Post('inbox/:id/ignore')
  @UseGuards(SameOriginGuard)
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
  @UseGuards(SameOriginGuard)
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
