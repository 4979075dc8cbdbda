import { Get, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Queryable } from '#libs/platform';
import { findSent, findSentHistory } from '#libs/read-models';
import { POOL } from '#libs/service';
import { createCommand } from '../../commands/command-request.js';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { PageQuery, RowsQueryPipe } from '../../lists/lists.dto.js';
import { FormActions } from '../support/form-actions.js';
import { PostForm, readCursorQuery, SubmittedAction, type InvitationAction } from '../support/form.js';
import { PageController } from '../support/page-controller.js';
import { SearchPipe } from '../support/search-query.js';
import { PageRenderer } from '../support/page-renderer.js';
import { SentPage } from './sent.page.js';

/** Of the messages and replies on a page, which has fewer cards with long replies, so that it stays below 30 KB. */
const MAX_TEXT_BYTES = 8 * 1024;

/** The page of the sent list. */
@PageController('sent')
export class SentController {
  constructor(
    private readonly pages: PageRenderer,
    private readonly actions: FormActions,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @CurrentMember() { memberId }: Identity,
    @Query(RowsQueryPipe) query: PageQuery,
    @Query('q', SearchPipe) search: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { limit, cursor } = query;
    const page = await findSent(this.db, memberId, { limit, cursor, search, maxTextBytes: MAX_TEXT_BYTES });
    const recipientIds = page.items.map(({ recipient }) => recipient.id);
    const shown = {
      page,
      history: await findSentHistory(this.db, memberId, recipientIds),
      search,
      cursor,
      notice: await this.pages.takeNotice(reply, memberId),
    };
    return this.pages.render(reply, { status: 200, page: (view) => <SentPage view={view} {...shown} /> });
  }

  /** R31, D3: the response is the same whatever the recipient has done in silence. */
  @PostForm(':id/withdraw')
  withdraw(
    @SubmittedAction() { actorId, invitationId, commandId, form }: InvitationAction,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.actions.execute(reply, {
      command: createCommand('invitations.withdraw.v1', commandId, { invitationId, actorId }),
      invitationId,
      returnTo: `/sent${readCursorQuery(form)}`,
      successNotice: 'withdrawn',
      isVisible: ({ sent }) => sent !== 'pending' && sent !== 'replied',
    });
  }
}
