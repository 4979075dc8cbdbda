import { Get, Inject, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Queryable } from '#libs/platform';
import { findInboxNews } from '#libs/read-models';
import { NOW, POOL } from '#libs/service';
import { badRequest } from '../../http/problem.js';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { formatWaiting } from '../layout/navigation.js';
import { PageController } from '../support/page-controller.js';
import { textsFor } from '../support/page-renderer.js';
import { titleOfInbox } from './inbox.page.js';

/** What the script of a page that stays open shows, in the language of the page. */
interface News {
  readonly waiting: number;
  readonly badge: string;
  readonly spoken: string;
  readonly title: string;
  /** Empty if there is no new invitation. */
  readonly fresh: string;
  readonly show: string;
}

/** Polled by pages that stay open. It tells a member only about their own inbox. */
@PageController('inbox/news')
export class InboxNewsController {
  constructor(
    @Inject(POOL) private readonly db: Queryable,
    @Inject(NOW) private readonly now: () => Date,
  ) {}

  @Get()
  async show(
    @CurrentMember() { memberId }: Identity,
    @Query('after') after: unknown,
    @Req() request: FastifyRequest,
  ): Promise<News> {
    const { waiting, fresh } = await findInboxNews(this.db, memberId, this.parseInstant(after));
    const texts = textsFor(request);
    return {
      waiting,
      badge: formatWaiting(texts, waiting),
      spoken: texts.waiting(waiting),
      title: titleOfInbox(texts, waiting),
      fresh: fresh === 0 ? '' : texts.newInvitations(fresh),
      show: texts.show,
    };
  }

  /** @throws ProblemError 400 for anything but an instant as pages write it */
  private parseInstant(text: unknown): string {
    if (text === undefined) return this.now().toISOString();
    if (typeof text !== 'string' || !/^[1-9]\d{3}-[\d:.T-]+Z$/.test(text)) throw badRequest();
    const instant = new Date(text);
    if (Number.isNaN(instant.getTime())) throw badRequest();
    return instant.toISOString();
  }
}
