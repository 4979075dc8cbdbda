import { Injectable } from '@nestjs/common';
import { stopped } from '../pages/notices.js';
import type { PageAnswer } from '../pages/page-answer.js';
import { PreferencesKeeper } from '../preferences/preferences-keeper.js';
import type { Link, LinkHandler } from './link.js';
import { UnsubscribePage } from './unsubscribe.page.js';

/** D12: ends the e-mails of one kind, or all. Mail programs press the button themselves (RFC 8058). */
@Injectable()
export class UnsubscribeLink implements LinkHandler {
  constructor(private readonly keeper: PreferencesKeeper) {}

  async show(): Promise<PageAnswer> {
    return { status: 200, page: (view) => <UnsubscribePage view={view} /> };
  }

  async act({ memberId, kind }: Link): Promise<PageAnswer> {
    await this.keeper.turnOff(memberId, kind ?? 'all');
    return stopped();
  }
}
