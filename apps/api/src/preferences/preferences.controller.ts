import { Body, Controller, Get, Put, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { JsonBodyPipe } from '../http/request-body.js';
import { BearerGuard } from '../identity/bearer.guard.js';
import { CurrentMember, type Identity } from '../identity/identity.js';
import { EmailPreferences } from './preferences.dto.js';
import { PreferencesClient } from './preferences.client.js';

@ApiTags('e-mail preferences')
@ApiBearerAuth()
@Controller('v1/email-preferences')
@UseGuards(BearerGuard)
export class PreferencesController {
  constructor(private readonly preferences: PreferencesClient) {}

  @Get()
  @ApiOperation({ summary: 'Which e-mails the member gets.' })
  @ApiOkResponse({ type: EmailPreferences })
  readPreferences(@CurrentMember() { memberId }: Identity): Promise<EmailPreferences> {
    return this.preferences.read(memberId);
  }

  @Put()
  @ApiOperation({ summary: 'Choose which e-mails to get.' })
  @ApiOkResponse({ type: EmailPreferences })
  async writePreferences(
    @CurrentMember() { memberId }: Identity,
    @Body(new JsonBodyPipe(EmailPreferences)) preferences: EmailPreferences,
  ): Promise<EmailPreferences> {
    await this.preferences.write(memberId, preferences);
    return preferences;
  }
}
