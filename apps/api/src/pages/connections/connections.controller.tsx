import { Get, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Queryable } from '#libs/platform';
import { findConnectedMembers } from '#libs/read-models';
import { POOL } from '#libs/service';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { PageQuery, RowsQueryPipe } from '../../lists/lists.dto.js';
import { PageController } from '../support/page-controller.js';
import { PageRenderer } from '../support/page-renderer.js';
import { ConnectionsPage } from './connections.page.js';

/** The page of the member's connections (R1, R10). */
@PageController('connections')
export class ConnectionsController {
  constructor(
    private readonly pages: PageRenderer,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @CurrentMember() { memberId }: Identity,
    @Query(RowsQueryPipe) query: PageQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const page = await findConnectedMembers(this.db, memberId, query);
    return this.pages.render(reply, {
      status: 200,
      page: (view) => <ConnectionsPage view={view} page={page} cursor={query.cursor} />,
    });
  }
}
