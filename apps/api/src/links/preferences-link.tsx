import { Injectable } from '@nestjs/common';
import type { PageAnswer } from '../pages/page-answer.js';
import { PreferencesPage } from '../pages/preferences/preferences.page.js';
import { preferencesIn } from '../preferences/preferences-form.js';
import { PreferencesKeeper } from '../preferences/preferences-keeper.js';
import type { Link, LinkHandler } from './link.js';

/** R7, R8: the preferences of the member to whom the e-mail went, without a login. */
@Injectable()
export class PreferencesLink implements LinkHandler {
  constructor(private readonly keeper: PreferencesKeeper) {}

  async show({ memberId }: Link): Promise<PageAnswer> {
    const preferences = await this.keeper.read(memberId);
    return {
      status: 200,
      page: (view) => <PreferencesPage view={view} preferences={preferences} byLink />,
    };
  }

  async act({ memberId }: Link, form: unknown): Promise<PageAnswer> {
    const preferences = preferencesIn(form);
    await this.keeper.write(memberId, preferences);
    return {
      status: 200,
      page: (view) => {
        const said = { text: view.texts.done.saved(undefined), good: true };
        return <PreferencesPage view={view} preferences={preferences} said={said} byLink />;
      },
    };
  }
}
