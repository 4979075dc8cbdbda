import { Body, Controller, Get, Put, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { JsonBody } from '../http/json-body.pipe.js';
import { BearerGuard } from '../identity/bearer.guard.js';
import { Member, type Identity } from '../identity/identity.js';
import { EmailPreferences } from './email-preferences.js';
import { PreferencesKeeper } from './preferences-keeper.js';

@ApiTags('e-mail preferences')
@ApiBearerAuth()
@Controller('v1/email-preferences')
@UseGuards(BearerGuard)
export class PreferencesController {
  constructor(private readonly keeper: PreferencesKeeper) {}

  @Get()
  @ApiOperation({ summary: 'Which e-mails the member gets.' })
  @ApiOkResponse({ type: EmailPreferences })
  readPreferences(@Member() { memberId }: Identity): Promise<EmailPreferences> {
    return this.keeper.read(memberId);
  }

  @Put()
  @ApiOperation({ summary: 'Choose which e-mails to get.' })
  @ApiOkResponse({ type: EmailPreferences })
  async writePreferences(
    @Member() { memberId }: Identity,
    @Body(new JsonBody(EmailPreferences)) preferences: EmailPreferences,
  ): Promise<EmailPreferences> {
    await this.keeper.write(memberId, preferences);
    return preferences;
  }
}
