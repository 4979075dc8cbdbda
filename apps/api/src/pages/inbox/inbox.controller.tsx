import { Body, Get, Inject, Param, Post, Query, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Queryable } from '#libs/platform';
import { findArchive, findInbox, findRepliedInvitations } from '#libs/read-models';
import { POOL } from '#libs/service';
import { createCommand } from '../../commands/command-request.js';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { SameOriginGuard } from '../../identity/session.guard.js';
import { InvitationIdPipe } from '../../http/id.pipes.js';
import { PageQuery, RowsQueryPipe } from '../../lists/lists.dto.js';
import { FormActions, isAnswered } from '../support/form-actions.js';
import { readCommandId, requireForm, readCursorQuery } from '../support/form.js';
import { PageController } from '../support/page-controller.js';
import { SearchPipe } from '../support/search-query.js';
import { PageRenderer } from '../support/page-renderer.js';
import { CurrentList, type ReceivedList } from './inbox-or-archive.js';
import { InboxPage } from './inbox.page.js';

/** The pages of the inbox and the archive. E-mails link to the inbox (R7). A member can accept from both (D5). */
@PageController(['inbox', 'archive'])
export class InboxController {
  constructor(
    private readonly pages: PageRenderer,
    private readonly actions: FormActions,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @CurrentList() list: ReceivedList,
    @CurrentMember() { memberId }: Identity,
    @Query(RowsQueryPipe) query: PageQuery,
    @Query('q', SearchPipe) search: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { limit, cursor } = query;
    const page = await (list === 'inbox' ? findInbox : findArchive)(this.db, memberId, {
      limit,
      cursor,
      search,
    });
    const replied = await findRepliedInvitations(
      this.db,
      memberId,
      page.items.map(({ invitationId }) => invitationId),
    );
    const notice = await this.pages.takeNotice(reply, memberId);
    const shown = { list, page, cursor, search, replied, notice };
    return this.pages.render(reply, { status: 200, page: (view) => <InboxPage view={view} {...shown} /> });
  }

  @Post(':id/accept')
  @UseGuards(SameOriginGuard)
  accept(
    @CurrentList() list: ReceivedList,
    @CurrentMember() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const form = requireForm(body);
    const data = { invitationId, actorId, via: 'site' };
    return this.actions.execute(reply, {
      command: createCommand('invitations.accept.v1', readCommandId(form), data),
      invitationId,
      returnTo: `/${list}${readCursorQuery(form)}`,
      successNotice: 'accepted',
      isVisible: isAnswered,
    });
  }
}
