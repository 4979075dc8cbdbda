import { Body, Controller, Get, Param, Post, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { LinkPurpose } from '#libs/mail';
import { PressLimitGuard } from '../limits/press-limit.guard.js';
import { notOpen } from '../pages/notices.js';
import { PageFilter } from '../pages/page.filter.js';
import { Pages } from '../pages/pages.js';
import { AcceptLink } from './accept-link.js';
import { LinkReader } from './link-reader.js';
import type { LinkHandler } from './link.js';
import { PreferencesLink } from './preferences-link.js';
import { UnsubscribeLink } from './unsubscribe-link.js';

/**
 * The links of the e-mails. GET and HEAD change nothing: mail scanners follow every link (D12). A form from elsewhere
 * needs no guard here: what it may do is in the token, which a stranger does not have, and in no cookie.
 */
@ApiExcludeController()
@Controller('l')
@UseFilters(PageFilter)
export class LinksController {
  private readonly handlers: Readonly<Record<LinkPurpose, LinkHandler>>;

  constructor(
    private readonly reader: LinkReader,
    private readonly pages: Pages,
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
    const link = this.reader.read(token);
    return this.pages.send(reply, link ? await this.handlers[link.purpose].show(link) : notOpen());
  }

  @Post(':token')
  @UseGuards(PressLimitGuard)
  async act(
    @Param('token') token: string,
    @Body() form: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const link = this.reader.read(token);
    return this.pages.send(reply, link ? await this.handlers[link.purpose].act(link, form) : notOpen());
  }
}
