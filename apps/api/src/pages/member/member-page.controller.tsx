import { Controller, Get, Inject, Param, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Queryable } from '#libs/platform';
import { findAcquaintance } from '#libs/read-models';
import { AccountIdPipe } from '../../accounts/account-id.pipe.js';
import { notFound } from '../../http/problem.js';
import { Member, type Identity } from '../../identity/identity.js';
import { SessionGuard } from '../../identity/session.guard.js';
import { DATABASE } from '../../tokens.js';
import { PageFilter } from '../page.filter.js';
import { Pages } from '../pages.js';
import { MemberPage } from './member.page.js';

/** A member's profile, as far as this service knows one. Who is a stranger and who does not exist look the same. */
@ApiExcludeController()
@Controller('members/:id')
@UseGuards(SessionGuard)
@UseFilters(PageFilter)
export class MemberPageController {
  constructor(
    private readonly pages: Pages,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @Member() { memberId }: Identity,
    @Param('id', AccountIdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const member = await findAcquaintance(this.db, memberId, id);
    if (member === undefined) throw notFound();
    return this.pages.send(reply, {
      status: 200,
      page: (view) => <MemberPage view={view} member={member} />,
    });
  }
}
