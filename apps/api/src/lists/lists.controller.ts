import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Queryable } from '#libs/platform';
import {
  countConnectionsInCommon,
  findArchive,
  findConnections,
  findEarlierReplies,
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
  ReceivedPageQuery,
  ReceivedPageQueryPipe,
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
  async inbox(
    @CurrentMember() { memberId }: Identity,
    @Query(ReceivedPageQueryPipe) page: ReceivedPageQuery,
  ) {
    return this.toResponse(memberId, page, await findInbox(this.db, memberId, page));
  }

  @Get('archive')
  @ApiOperation({ summary: 'Invitations that the member has ignored.' })
  @ApiOkResponse({ type: WaitingInvitationsResponse })
  async archive(
    @CurrentMember() { memberId }: Identity,
    @Query(ReceivedPageQueryPipe) page: ReceivedPageQuery,
  ) {
    return this.toResponse(memberId, page, await findArchive(this.db, memberId, page));
  }

  @Get('sent')
  @ApiOperation({ summary: 'Invitations that the member has sent.' })
  @ApiOkResponse({ type: SentInvitationsResponse })
  async sent(
    @CurrentMember() { memberId }: Identity,
    @Query(PageQueryPipe) query: PageQuery,
  ): Promise<SentInvitationsResponse> {
    const page = await findSent(this.db, memberId, query);
    const earlier = await findEarlierReplies(this.db, memberId, page.items);
    const items = page.items.map((item) => {
      const earlierReplies = earlier.get(item.invitationId);
      return earlierReplies === undefined ? item : { ...item, earlierReplies: [...earlierReplies] };
    });
    return { ...page, items };
  }

  @Get('connections')
  @ApiOperation({ summary: 'With whom the member is connected.' })
  @ApiOkResponse({ type: ConnectionsResponse })
  connections(@CurrentMember() { memberId }: Identity, @Query(PageQueryPipe) page: PageQuery) {
    return findConnections(this.db, memberId, page);
  }

  /** Counts connections only: what either of the two has ignored, declined or withdrawn changes no number (D1). */
  private async toResponse(
    memberId: string,
    { include }: ReceivedPageQuery,
    page: Page<ReceivedInvitation>,
  ): Promise<WaitingInvitationsResponse> {
    const inviterIds = include === undefined ? [] : page.items.map(({ inviter }) => inviter.id);
    const inCommon = await countConnectionsInCommon(this.db, memberId, inviterIds);
    const items = page.items.map((item) => {
      const connectionsInCommon = inCommon.get(item.inviter.id);
      return {
        ...withSafeProfileUrl(item),
        ...(connectionsInCommon === undefined ? {} : { connectionsInCommon }),
      };
    });
    return { ...page, items };
  }
}

/** Empties a profile URL that is not a web URL (`javascript:`), because apps use it as a link. */
function withSafeProfileUrl(invitation: ReceivedInvitation): ReceivedInvitation {
  const { inviter } = invitation;
  return toWebUrl(inviter.profileUrl) === undefined
    ? { ...invitation, inviter: { ...inviter, profileUrl: '' } }
    : invitation;
}
