import {
  Body,
  Controller,
  Get,
  Inject,
  Param,
  Post,
  Query,
  Res,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Queryable } from '#libs/platform';
import { findArchive, findInbox, findReplied } from '#libs/read-models';
import { commandOf } from '../../commands/command-of.js';
import { Member, type Identity } from '../../identity/identity.js';
import { SameOriginGuard } from '../../identity/same-origin.guard.js';
import { SessionGuard } from '../../identity/session.guard.js';
import { InvitationIdPipe } from '../../invitations/invitation-id.pipe.js';
import { PageQuery, PageQueryPipe } from '../../lists/page.query.js';
import { DATABASE } from '../../tokens.js';
import { Errands } from '../errands.js';
import { commandIdIn, formIn, placeIn } from '../form.js';
import { PageFilter } from '../page.filter.js';
import { Pages } from '../pages.js';
import { answered } from '../until-listed.js';
import { List, type WaitingList } from './waiting-list.js';
import { WaitingPage } from './waiting.page.js';

/** The inbox and the archive in a browser; the e-mails lead to the inbox (R7). Both accept (D5). */
@ApiExcludeController()
@Controller(['inbox', 'archive'])
@UseGuards(SessionGuard)
@UseFilters(PageFilter)
export class WaitingPageController {
  constructor(
    private readonly pages: Pages,
    private readonly errands: Errands,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @List() list: WaitingList,
    @Member() { memberId }: Identity,
    @Query(PageQueryPipe) query: PageQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const page = await (list === 'inbox' ? findInbox : findArchive)(this.db, memberId, query);
    const replied = await findReplied(
      this.db,
      memberId,
      page.items.map(({ invitationId }) => invitationId),
    );
    const said = await this.pages.said(reply, memberId);
    const shown = { list, page, cursor: query.cursor, replied, said };
    return this.pages.send(reply, { status: 200, page: (view) => <WaitingPage view={view} {...shown} /> });
  }

  @Post(':id/accept')
  @UseGuards(SameOriginGuard)
  accept(
    @List() list: WaitingList,
    @Member() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const form = formIn(body);
    const data = { invitationId, actorId, via: 'site' };
    return this.errands.run(reply, {
      command: commandOf('invitations.accept.v1', commandIdIn(form), data),
      invitationId,
      back: `/${list}${placeIn(form)}`,
      done: 'accepted',
      listed: answered,
    });
  }
}
