import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Queryable } from '#libs/platform';
import {
  findArchive,
  findConnections,
  findInbox,
  findSent,
  type Page,
  type WaitingInvitation,
} from '#libs/read-models';
import { ApiProblem } from '../http/api-problem.js';
import { BearerGuard } from '../identity/bearer.guard.js';
import { Member, type Identity } from '../identity/identity.js';
import { webAddress } from '../pages/web-address.js';
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
@ApiProblem(400, 'INVALID_COMMAND')
export class ListsController {
  constructor(@Inject(DATABASE) private readonly db: Queryable) {}

  @Get('inbox')
  @ApiOperation({ summary: 'Invitations that wait for the member’s answer.' })
  @ApiOkResponse({ type: WaitingInvitationsResponse })
  async inbox(@Member() { memberId }: Identity, @Query(PageQueryPipe) page: PageQuery) {
    return withWebAddresses(await findInbox(this.db, memberId, page));
  }

  @Get('archive')
  @ApiOperation({ summary: 'Invitations that the member has ignored.' })
  @ApiOkResponse({ type: WaitingInvitationsResponse })
  async archive(@Member() { memberId }: Identity, @Query(PageQueryPipe) page: PageQuery) {
    return withWebAddresses(await findArchive(this.db, memberId, page));
  }

  @Get('sent')
  @ApiOperation({ summary: 'Invitations that the member has sent.' })
  @ApiOkResponse({ type: SentInvitationsResponse })
  sent(@Member() { memberId }: Identity, @Query(PageQueryPipe) page: PageQuery) {
    return findSent(this.db, memberId, page);
  }

  @Get('connections')
  @ApiOperation({ summary: 'With whom the member is connected.' })
  @ApiOkResponse({ type: ConnectionsResponse })
  connections(@Member() { memberId }: Identity, @Query(PageQueryPipe) page: PageQuery) {
    return findConnections(this.db, memberId, page);
  }
}

/** Apps put a profile's URL in a link. One that is no web address (`javascript:`) is none. */
function withWebAddresses({ items, ...rest }: Page<WaitingInvitation>): Page<WaitingInvitation> {
  const safe = items.map((item) => ({
    ...item,
    inviter: { ...item.inviter, profileUrl: webAddress(item.inviter.profileUrl) ?? '' },
  }));
  return { ...rest, items: safe };
}
