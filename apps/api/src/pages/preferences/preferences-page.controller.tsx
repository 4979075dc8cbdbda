import { Body, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { PreferencesClient } from '../../preferences/preferences.client.js';
import { PostForm } from '../support/form.js';
import { PageController } from '../support/page-controller.js';
import { PageRenderer } from '../support/page-renderer.js';
import { PreferencesPage } from './preferences.page.js';

/** The page of the e-mail preferences, to which the e-mails link (R7). */
@PageController('preferences')
export class PreferencesPageController {
  constructor(
    private readonly preferences: PreferencesClient,
    private readonly pages: PageRenderer,
  ) {}

  @Get()
  async show(
    @CurrentMember() { memberId }: Identity,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const shown = {
      preferences: await this.preferences.read(memberId),
      notice: await this.pages.takeNotice(reply, memberId),
    };
    return this.pages.render(reply, {
      status: 200,
      page: (view) => <PreferencesPage view={view} {...shown} />,
    });
  }

  @PostForm()
  async save(
    @CurrentMember() { memberId }: Identity,
    @Body() form: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.preferences.submit(memberId, form);
    return this.pages.redirect(reply, '/preferences', { code: 'saved' });
  }
}
