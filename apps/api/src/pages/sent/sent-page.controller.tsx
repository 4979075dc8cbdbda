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
import { findSent } from '#libs/read-models';
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
import { SentPage } from './sent.page.js';

/** The sent list in a browser. */
@ApiExcludeController()
@Controller('sent')
@UseGuards(SessionGuard)
@UseFilters(PageFilter)
export class SentPageController {
  constructor(
    private readonly pages: Pages,
    private readonly errands: Errands,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @Member() { memberId }: Identity,
    @Query(PageQueryPipe) query: PageQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const shown = {
      page: await findSent(this.db, memberId, query),
      cursor: query.cursor,
      said: await this.pages.said(reply, memberId),
    };
    return this.pages.send(reply, { status: 200, page: (view) => <SentPage view={view} {...shown} /> });
  }

  /** R31, D3: the same whatever the recipient has done in silence. */
  @Post(':id/withdraw')
  @UseGuards(SameOriginGuard)
  withdraw(
    @Member() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const form = formIn(body);
    return this.errands.run(reply, {
      command: commandOf('invitations.withdraw.v1', commandIdIn(form), { invitationId, actorId }),
      invitationId,
      back: `/sent${placeIn(form)}`,
      done: 'withdrawn',
      listed: ({ sent }) => sent !== 'pending',
    });
  }
}
