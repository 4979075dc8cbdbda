import { Controller, Get, HttpCode, Redirect, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiConfig } from '../../config/api.config.js';
import { SessionGuard, clearSessionCookie } from '../../identity/session.guard.js';
import { signedOutPage } from '../layout/notice.page.js';
import { PostForm } from '../support/form.js';
import { PageFilter } from '../support/page.filter.js';
import { createSignInUrl, PageRenderer } from '../support/page-renderer.js';
import { clearIdentity } from '../../identity/identity.js';

/** The start of the pages, and their end. */
@ApiExcludeController()
@Controller()
@UseGuards(SessionGuard)
@UseFilters(PageFilter)
export class HomeController {
  constructor(
    private readonly config: ApiConfig,
    private readonly pages: PageRenderer,
  ) {}

  @Get()
  @Redirect('/inbox')
  home(): void {}

  /** Deletes the session's cookie. The token stays valid until it expires: it is the sign-in service's. */
  @PostForm('sign-out')
  @HttpCode(200)
  signOut(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('set-cookie', clearSessionCookie(this.config));
    clearIdentity(reply.request);
    return this.pages.render(reply, signedOutPage(createSignInUrl(this.config, '/inbox')), false);
  }
}
