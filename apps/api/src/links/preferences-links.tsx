import { Inject, Injectable } from '@nestjs/common';
import type { Queryable } from '#libs/platform';
import { POOL } from '#libs/service';
import type { PageResponse, View } from '../pages/layout/view.js';
import { PreferencesPage } from '../pages/preferences/preferences.page.js';
import { PreferencesClient } from '../preferences/preferences.client.js';
import { Layout } from '../pages/layout/layout.js';
import { Sentence } from '../pages/texts/bidi-isolation.js';
import type { Link, LinkHandler } from './link.js';
import { describeLinkOwner } from './link-owner.js';

/** R7, R8: shows and saves the preferences of the member to whom the e-mail was sent, without signing in. */
@Injectable()
export class PreferencesLink implements LinkHandler {
  constructor(
    private readonly client: PreferencesClient,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  async show({ memberId }: Link): Promise<PageResponse> {
    const preferences = await this.client.read(memberId);
    const owner = await describeLinkOwner(this.db, memberId);
    return {
      status: 200,
      page: (view) => (
        <PreferencesPage view={view} preferences={preferences} owner={owner(view.texts)} byLink />
      ),
    };
  }

  async submit({ memberId }: Link, form: unknown): Promise<PageResponse> {
    const preferences = await this.client.submit(memberId, form);
    const owner = await describeLinkOwner(this.db, memberId);
    return {
      status: 200,
      page: (view) => {
        const notice = { text: view.texts.done.saved(undefined), good: true };
        const shown = { preferences, notice, owner: owner(view.texts) };
        return <PreferencesPage view={view} {...shown} byLink />;
      },
    };
  }
}

/** The form field that turns the e-mails on again. No mail program sends it (RFC 8058). */
const RESUME_FIELD = 'resume';

/**
 * D12: turns off the e-mails of one kind, or all, and on again for a member who did not mean it. Mail programs submit
 * it by themselves (RFC 8058).
 */
@Injectable()
export class UnsubscribeLink implements LinkHandler {
  constructor(
    private readonly client: PreferencesClient,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  async show({ memberId, ...link }: Link): Promise<PageResponse> {
    const kind = link.kind ?? 'all';
    const owner = await describeLinkOwner(this.db, memberId);
    return {
      status: 200,
      page: (view) => (
        <SubscriptionPage
          view={view}
          title={view.texts.unsubscribe[kind]}
          owner={owner(view.texts)}
          text={view.texts.unsubscribeText}
          label={view.texts.stop}
          main
        />
      ),
    };
  }

  async submit({ memberId, ...link }: Link, form: unknown): Promise<PageResponse> {
    const kind = link.kind ?? 'all';
    const resumes = form instanceof URLSearchParams && form.has(RESUME_FIELD);
    if (resumes) await this.client.turnOn(memberId, kind);
    else await this.client.turnOff(memberId, kind);
    const owner = await describeLinkOwner(this.db, memberId);
    return {
      status: 200,
      page: (view) => (
        <SubscriptionPage
          view={view}
          title={resumes ? view.texts.resumed : view.texts.stopped[kind]}
          owner={owner(view.texts)}
          label={resumes ? view.texts.stop : view.texts.resume}
          field={resumes ? undefined : RESUME_FIELD}
        />
      ),
    };
  }
}

interface SubscriptionPageProps {
  readonly view: View;
  readonly title: string;
  /** For whom the link is. */
  readonly owner: string | undefined;
  readonly text?: string;
  readonly label: string;
  readonly field?: string | undefined;
  readonly main?: boolean;
}

/** A page with one button, which turns e-mails off or on. The form posts to the URL of the page. */
const SubscriptionPage = ({ view, title, owner, text, label, field, main }: SubscriptionPageProps) => (
  <Layout view={view} title={title}>
    {owner && (
      <p class="soft">
        <Sentence>{owner}</Sentence>
      </p>
    )}
    {text && <p>{text}</p>}
    <form method="post" class="acts">
      {field && <input type="hidden" name={field} value="1" />}
      <button type="submit" class={main === true ? 'main' : undefined}>
        {label}
      </button>
      <a class="button" href="/preferences">
        {view.texts.otherPreferences}
      </a>
    </form>
  </Layout>
);
