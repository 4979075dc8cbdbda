import { Body, Get, Inject, Param, Post, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { InvalidDataError } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findLinkedInvitation, findOpenInvitation } from '#libs/read-models';
import { POOL } from '#libs/service';
import { createCommand } from '../../commands/command-request.js';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { SameOriginGuard } from '../../identity/session.guard.js';
import { InvitationIdPipe } from '../../http/id.pipes.js';
import { FormActions } from '../support/form-actions.js';
import { readCommandId, requireForm, readText } from '../support/form.js';
import { PageController } from '../support/page-controller.js';
import { PageRenderer } from '../support/page-renderer.js';
import { ReplyPage } from './reply.page.js';
import { CurrentList, type ReceivedList } from './inbox-or-archive.js';

/** The page to reply on, from the inbox or the archive (D5). */
@PageController(['inbox/:id/reply', 'archive/:id/reply'])
export class ReplyController {
  constructor(
    private readonly pages: PageRenderer,
    private readonly actions: FormActions,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @CurrentList() list: ReceivedList,
    @CurrentMember() { memberId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const invitation = await findLinkedInvitation(this.db, memberId, invitationId);
    if (invitation === undefined) return this.pages.redirect(reply, `/${list}`, { code: 'NOT_OPEN' });
    return this.pages.render(reply, {
      status: 200,
      page: (view) => <ReplyPage view={view} list={list} invitation={invitation} />,
    });
  }

  @Post()
  @UseGuards(SameOriginGuard)
  async send(
    @CurrentList() list: ReceivedList,
    @CurrentMember() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const form = requireForm(body);
    const message = readText(form, 'message');
    const commandId = readCommandId(form);
    const returnTo = `/${list}`;
    try {
      return await this.actions.execute(reply, {
        command: createCommand('invitations.reply.v1', commandId, { invitationId, actorId, message }),
        invitationId,
        returnTo,
        successNotice: 'replied',
        isVisible: ({ sent }) => sent !== 'pending',
      });
    } catch (error) {
      if (!(error instanceof InvalidDataError)) throw error;
    }
    const invitation = await findOpenInvitation(this.db, actorId, invitationId);
    if (invitation === undefined) return this.pages.redirect(reply, returnTo, { code: 'NOT_OPEN' });
    const written = { list, invitation, message };
    const isEmpty = message === '';
    return this.pages.render(reply, {
      status: 422,
      page: (view) => (
        <ReplyPage
          view={view}
          {...written}
          error={isEmpty ? view.texts.replyNeeded : view.texts.replyTooLong}
        />
      ),
    });
  }
}
