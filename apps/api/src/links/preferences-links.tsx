import { Injectable } from '@nestjs/common';
import type { PageResponse, View } from '../pages/layout/view.js';
import { PreferencesPage } from '../pages/preferences/preferences.page.js';
import { parsePreferencesForm } from '../preferences/preferences.dto.js';
import { PreferencesClient } from '../preferences/preferences.client.js';
import { unsubscribedPage } from '../pages/layout/notice.page.js';
import { Layout } from '../pages/layout/layout.js';
import type { Link, LinkHandler } from './link.js';

/** R7, R8: shows and saves the preferences of the member to whom the e-mail was sent, without signing in. */
@Injectable()
export class PreferencesLink implements LinkHandler {
  constructor(private readonly keeper: PreferencesClient) {}

  async show({ memberId }: Link): Promise<PageResponse> {
    const preferences = await this.keeper.read(memberId);
    return {
      status: 200,
      page: (view) => <PreferencesPage view={view} preferences={preferences} byLink />,
    };
  }

  async submit({ memberId }: Link, form: unknown): Promise<PageResponse> {
    const preferences = parsePreferencesForm(form);
    await this.keeper.write(memberId, preferences);
    return {
      status: 200,
      page: (view) => {
        const notice = { text: view.texts.done.saved(undefined), good: true };
        return <PreferencesPage view={view} preferences={preferences} notice={notice} byLink />;
      },
    };
  }
}

/** D12: turns off the e-mails of one kind, or all. Mail programs submit it by themselves (RFC 8058). */
@Injectable()
export class UnsubscribeLink implements LinkHandler {
  constructor(private readonly keeper: PreferencesClient) {}

  async show(): Promise<PageResponse> {
    return { status: 200, page: (view) => <UnsubscribePage view={view} /> };
  }

  async submit({ memberId, kind }: Link): Promise<PageResponse> {
    await this.keeper.turnOff(memberId, kind ?? 'all');
    return unsubscribedPage();
  }
}

function UnsubscribePage({ view }: { readonly view: View }) {
  const { texts } = view;
  return (
    <Layout view={view} title={texts.unsubscribe}>
      <form method="post" class="card">
        <p>{texts.unsubscribeText}</p>
        <button type="submit" class="main">
          {texts.stop}
        </button>
      </form>
    </Layout>
  );
}
