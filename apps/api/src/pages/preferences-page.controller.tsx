import { Body, Controller, Get, HttpCode, Post, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Member, type Identity } from '../identity/identity.js';
import { SameOriginGuard } from '../identity/same-origin.guard.js';
import { SessionGuard } from '../identity/session.guard.js';
import { preferencesIn } from '../preferences/preferences-form.js';
import { PreferencesKeeper } from '../preferences/preferences-keeper.js';
import { sendPage } from './page-answer.js';
import { PageFilter } from './page.filter.js';
import { PreferencesPage } from './preferences.page.js';
import { ENGLISH } from './texts.js';

/** The e-mail preferences in a browser, to which the e-mails lead (R7). */
@ApiExcludeController()
@Controller('preferences')
@UseGuards(SessionGuard)
@UseFilters(PageFilter)
export class PreferencesPageController {
  constructor(private readonly keeper: PreferencesKeeper) {}

  @Get()
  async show(
    @Member() { memberId }: Identity,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const preferences = await this.keeper.read(memberId);
    return sendPage(reply, {
      status: 200,
      page: <PreferencesPage texts={ENGLISH} preferences={preferences} />,
    });
  }

  @Post()
  @HttpCode(200)
  @UseGuards(SameOriginGuard)
  async save(
    @Member() { memberId }: Identity,
    @Body() form: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const preferences = preferencesIn(form);
    await this.keeper.write(memberId, preferences);
    return sendPage(reply, {
      status: 200,
      page: <PreferencesPage texts={ENGLISH} preferences={preferences} saved />,
    });
  }
}
