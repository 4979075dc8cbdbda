import { Get, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Queryable } from '#libs/platform';
import { countConnectionsInCommon, findArchive, findInbox, findRepliedInvitations } from '#libs/read-models';
import { POOL } from '#libs/service';
import { createCommand } from '../../commands/command-request.js';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { parseRowsQuery, ROWS_OF_ARCHIVE } from '../../lists/lists.dto.js';
import { FormActions, isAnswered } from '../support/form-actions.js';
import { PostForm, readCursorQuery, SubmittedAction, type InvitationAction } from '../support/form.js';
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
    @Query() query: object,
    @Query('q', SearchPipe) search: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { limit, cursor } = parseRowsQuery(query, list === 'archive' ? ROWS_OF_ARCHIVE : undefined);
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
    const inCommon = await countConnectionsInCommon(
      this.db,
      memberId,
      page.items.map(({ inviter }) => inviter.id),
    );
    const notice = await this.pages.takeNotice(reply, memberId);
    const shown = { list, page, cursor, search, replied, inCommon, notice };
    return this.pages.render(reply, { status: 200, page: (view) => <InboxPage view={view} {...shown} /> });
  }

  @PostForm(':id/accept')
  accept(
    @CurrentList() list: ReceivedList,
    @SubmittedAction() { actorId, invitationId, commandId, form }: InvitationAction,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const data = { invitationId, actorId, via: 'site' };
    return this.actions.execute(reply, {
      command: createCommand('invitations.accept.v1', commandId, data),
      invitationId,
      returnTo: `/${list}${readCursorQuery(form)}`,
      successNotice: 'accepted',
      isVisible: isAnswered,
    });
  }
}
