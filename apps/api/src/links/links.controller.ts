import { Body, Controller, Get, Param, Post, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { LinkPurpose } from '#libs/mail';
import { LinkRateLimitGuard } from './link-rate-limit.guard.js';
import { notOpenPage } from '../pages/layout/notice.page.js';
import { PageFilter } from '../pages/support/page.filter.js';
import { PageRenderer } from '../pages/support/page-renderer.js';
import { AcceptLink } from './accept-link.js';
import { LinkVerifier, type LinkHandler } from './link.js';
import { PreferencesLink, UnsubscribeLink } from './preferences-links.js';

/**
 * The links of the e-mails. GET and HEAD change nothing, because mail scanners follow every link (D12). POST needs no
 * SameOriginGuard: the authorization is in the token, which a stranger does not have, and not in a cookie.
 */
@ApiExcludeController()
@Controller('l')
@UseFilters(PageFilter)
export class LinksController {
  private readonly handlers: Readonly<Record<LinkPurpose, LinkHandler>>;

  constructor(
    private readonly links: LinkVerifier,
    private readonly pages: PageRenderer,
    accept: AcceptLink,
    preferences: PreferencesLink,
    unsubscribe: UnsubscribeLink,
  ) {
    this.handlers = { accept, preferences, unsubscribe };
  }

  @Get(':token')
  async show(
    @Param('token') token: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const link = this.links.verify(token);
    return this.pages.render(reply, link ? await this.handlers[link.purpose].show(link) : notOpenPage());
  }

  @Post(':token')
  @UseGuards(LinkRateLimitGuard)
  async submit(
    @Param('token') token: string,
    @Body() form: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const link = this.links.verify(token);
    return this.pages.render(
      reply,
      link ? await this.handlers[link.purpose].submit(link, form) : notOpenPage(),
    );
  }
}
