import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Queryable } from '#libs/platform';
import {
  findArchive,
  findConnections,
  findInbox,
  findSent,
  type Page,
  type ReceivedInvitation,
} from '#libs/read-models';
import { POOL } from '#libs/service';
import { ApiProblem } from '../http/problem.js';
import { BearerGuard } from '../identity/bearer.guard.js';
import { CurrentMember, type Identity } from '../identity/identity.js';
import { toWebUrl } from '../http/web-url.js';
import {
  ConnectionsResponse,
  SentInvitationsResponse,
  WaitingInvitationsResponse,
  PageQuery,
  PageQueryPipe,
} from './lists.dto.js';

/** The lists of the authenticated member, newest first. */
@ApiTags('lists')
@ApiBearerAuth()
@Controller('v1')
@UseGuards(BearerGuard)
@ApiProblem(400, 'INVALID_COMMAND')
export class ListsController {
  constructor(@Inject(POOL) private readonly db: Queryable) {}

  @Get('inbox')
  @ApiOperation({ summary: 'Invitations that wait for the member’s answer.' })
  @ApiOkResponse({ type: WaitingInvitationsResponse })
  async inbox(@CurrentMember() { memberId }: Identity, @Query(PageQueryPipe) page: PageQuery) {
    return withSafeProfileUrls(await findInbox(this.db, memberId, page));
  }

  @Get('archive')
  @ApiOperation({ summary: 'Invitations that the member has ignored.' })
  @ApiOkResponse({ type: WaitingInvitationsResponse })
  async archive(@CurrentMember() { memberId }: Identity, @Query(PageQueryPipe) page: PageQuery) {
    return withSafeProfileUrls(await findArchive(this.db, memberId, page));
  }

  @Get('sent')
  @ApiOperation({ summary: 'Invitations that the member has sent.' })
  @ApiOkResponse({ type: SentInvitationsResponse })
  sent(@CurrentMember() { memberId }: Identity, @Query(PageQueryPipe) page: PageQuery) {
    return findSent(this.db, memberId, page);
  }

  @Get('connections')
  @ApiOperation({ summary: 'With whom the member is connected.' })
  @ApiOkResponse({ type: ConnectionsResponse })
  connections(@CurrentMember() { memberId }: Identity, @Query(PageQueryPipe) page: PageQuery) {
    return findConnections(this.db, memberId, page);
  }
}

/** Empties profile URLs that are not web URLs (`javascript:`), because apps use them as links. */
function withSafeProfileUrls(page: Page<ReceivedInvitation>): Page<ReceivedInvitation> {
  const isSafe = ({ inviter }: ReceivedInvitation) => toWebUrl(inviter.profileUrl) !== undefined;
  if (page.items.every(isSafe)) return page;
  const items = page.items.map((item) =>
    isSafe(item) ? item : { ...item, inviter: { ...item.inviter, profileUrl: '' } },
  );
  return { ...page, items };
}
