import { Body, Controller, Get, Inject, Param, Post, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { InvalidData } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findOpenInvitation } from '#libs/read-models';
import { commandOf } from '../../commands/command-of.js';
import { Member, type Identity } from '../../identity/identity.js';
import { SameOriginGuard } from '../../identity/same-origin.guard.js';
import { SessionGuard } from '../../identity/session.guard.js';
import { InvitationIdPipe } from '../../invitations/invitation-id.pipe.js';
import { DATABASE } from '../../tokens.js';
import { Errands } from '../errands.js';
import { commandIdIn, formIn, textIn } from '../form.js';
import { PageFilter } from '../page.filter.js';
import { Pages } from '../pages.js';
import { ReplyPage } from './reply.page.js';
import { List, type WaitingList } from './waiting-list.js';

/** A page to reply on, from the inbox or the archive (D5). */
@ApiExcludeController()
@Controller(['inbox/:id/reply', 'archive/:id/reply'])
@UseGuards(SessionGuard)
@UseFilters(PageFilter)
export class ReplyPageController {
  constructor(
    private readonly pages: Pages,
    private readonly errands: Errands,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @List() list: WaitingList,
    @Member() { memberId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const invitation = await findOpenInvitation(this.db, memberId, invitationId);
    if (invitation === undefined) return this.pages.backTo(reply, `/${list}`, { code: 'NOT_OPEN' });
    return this.pages.send(reply, {
      status: 200,
      page: (view) => <ReplyPage view={view} list={list} invitation={invitation} />,
    });
  }

  @Post()
  @UseGuards(SameOriginGuard)
  async send(
    @List() list: WaitingList,
    @Member() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const form = formIn(body);
    const message = textIn(form, 'message');
    const commandId = commandIdIn(form);
    const back = `/${list}`;
    try {
      return await this.errands.run(reply, {
        command: commandOf('invitations.reply.v1', commandId, { invitationId, actorId, message }),
        invitationId,
        back,
        done: 'replied',
        listed: ({ sent }) => sent !== 'pending',
      });
    } catch (error) {
      if (!(error instanceof InvalidData)) throw error;
    }
    const invitation = await findOpenInvitation(this.db, actorId, invitationId);
    if (invitation === undefined) return this.pages.backTo(reply, back, { code: 'NOT_OPEN' });
    const written = { list, invitation, message };
    return this.pages.send(reply, {
      status: 422,
      page: (view) => <ReplyPage view={view} {...written} error={view.texts.replyNeeded} />,
    });
  }
}
