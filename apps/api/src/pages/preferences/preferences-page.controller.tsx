import { Body, Controller, Get, Post, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Member, type Identity } from '../../identity/identity.js';
import { SameOriginGuard } from '../../identity/same-origin.guard.js';
import { SessionGuard } from '../../identity/session.guard.js';
import { preferencesIn } from '../../preferences/preferences-form.js';
import { PreferencesKeeper } from '../../preferences/preferences-keeper.js';
import { PageFilter } from '../page.filter.js';
import { Pages } from '../pages.js';
import { PreferencesPage } from './preferences.page.js';

/** The e-mail preferences in a browser, to which the e-mails lead (R7). */
@ApiExcludeController()
@Controller('preferences')
@UseGuards(SessionGuard)
@UseFilters(PageFilter)
export class PreferencesPageController {
  constructor(
    private readonly keeper: PreferencesKeeper,
    private readonly pages: Pages,
  ) {}

  @Get()
  async show(
    @Member() { memberId }: Identity,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const shown = {
      preferences: await this.keeper.read(memberId),
      said: await this.pages.said(reply, memberId),
    };
    return this.pages.send(reply, {
      status: 200,
      page: (view) => <PreferencesPage view={view} {...shown} />,
    });
  }

  @Post()
  @UseGuards(SameOriginGuard)
  async save(
    @Member() { memberId }: Identity,
    @Body() form: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.keeper.write(memberId, preferencesIn(form));
    return this.pages.backTo(reply, '/preferences', { code: 'saved' });
  }
}
