import { randomUUID } from 'node:crypto';
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
import { inviterOfInvitation } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findInbox, findMemberName } from '#libs/read-models';
import { CommandDesk } from '../commands/command-desk.js';
import { isMembersCommandId } from '../commands/command-id.js';
import { commandOf } from '../commands/command-of.js';
import { invalid } from '../http/problem.js';
import { Member, type Identity } from '../identity/identity.js';
import { SameOriginGuard } from '../identity/same-origin.guard.js';
import { SessionGuard } from '../identity/session.guard.js';
import { InvitationIdPipe } from '../invitations/invitation-id.pipe.js';
import { PageQuery, PageQueryPipe } from '../lists/page.query.js';
import { DATABASE } from '../tokens.js';
import { InboxPage } from './inbox.page.js';
import { connected, notOpen, underWay } from './notices.js';
import { sendPage } from './page-answer.js';
import { PageFilter } from './page.filter.js';
import { ENGLISH } from './texts.js';

/** The inbox in a browser, to which the e-mails lead (R7). */
@ApiExcludeController()
@Controller('inbox')
@UseGuards(SessionGuard)
@UseFilters(PageFilter)
export class InboxPageController {
  constructor(
    private readonly desk: CommandDesk,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @Member() { memberId }: Identity,
    @Query(PageQueryPipe) query: PageQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { items, next } = await findInbox(this.db, memberId, query);
    const page = <InboxPage texts={ENGLISH} invitations={items} next={next} newCommandId={randomUUID} />;
    return sendPage(reply, { status: 200, page });
  }

  @Post(':id/accept')
  @UseGuards(SameOriginGuard)
  async accept(
    @Member() { memberId: actorId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Body() form: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const command = commandOf('invitations.accept.v1', commandIdIn(form), {
      invitationId,
      actorId,
      via: 'site',
    });
    const outcome = await this.desk.carryOut(command);
    if (outcome === undefined) return sendPage(reply, underWay('/inbox'));
    if (outcome.outcome === 'refused') return sendPage(reply, notOpen());
    const inviterId = inviterOfInvitation(invitationId);
    return sendPage(reply, connected((await findMemberName(this.db, inviterId)) ?? inviterId));
  }
}

function commandIdIn(form: unknown): string {
  const id = form instanceof URLSearchParams ? form.get('commandId') : null;
  if (id === null || !isMembersCommandId(id)) throw invalid();
  return id.toLowerCase();
}
