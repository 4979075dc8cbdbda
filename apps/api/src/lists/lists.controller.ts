import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Queryable } from '#libs/platform';
import { findArchive, findConnections, findInbox, findSent } from '#libs/read-models';
import { BearerGuard } from '../identity/bearer.guard.js';
import { Member, type Identity } from '../identity/identity.js';
import { DATABASE } from '../tokens.js';
import {
  ConnectionsResponse,
  SentInvitationsResponse,
  WaitingInvitationsResponse,
} from './list.responses.js';
import { PageQuery, PageQueryPipe } from './page.query.js';

/** What each member may see of their invitations, newest first. */
@ApiTags('lists')
@ApiBearerAuth()
@Controller('v1')
@UseGuards(BearerGuard)
export class ListsController {
  constructor(@Inject(DATABASE) private readonly db: Queryable) {}

  @Get('inbox')
  @ApiOkResponse({ type: WaitingInvitationsResponse })
  inbox(@Member() { memberId }: Identity, @Query(PageQueryPipe) page: PageQuery) {
    return findInbox(this.db, memberId, page);
  }

  @Get('archive')
  @ApiOkResponse({ type: WaitingInvitationsResponse })
  archive(@Member() { memberId }: Identity, @Query(PageQueryPipe) page: PageQuery) {
    return findArchive(this.db, memberId, page);
  }

  @Get('sent')
  @ApiOkResponse({ type: SentInvitationsResponse })
  sent(@Member() { memberId }: Identity, @Query(PageQueryPipe) page: PageQuery) {
    return findSent(this.db, memberId, page);
  }

  @Get('connections')
  @ApiOkResponse({ type: ConnectionsResponse })
  connections(@Member() { memberId }: Identity, @Query(PageQueryPipe) page: PageQuery) {
    return findConnections(this.db, memberId, page);
  }
}
