import {
  EMAIL_KINDS,
  type PREFERENCE_NAMES,
  type EmailPreferences,
} from '../../preferences/preferences.dto.js';
import { Layout } from '../layout/layout.js';
import { Sentence } from '../texts/bidi-isolation.js';
import type { NoticeMessage, View } from '../layout/view.js';

interface PreferencesPageProps {
  readonly view: View;
  readonly preferences: EmailPreferences;
  readonly notice?: NoticeMessage | undefined;
  /** Opened by a link in an e-mail, without a session. */
  readonly byLink?: boolean;
  /** For whom the page of a link is. */
  readonly owner?: string | undefined;
}

/** R7, R8: the e-mail preferences. The form posts to the URL of the page. */
export function PreferencesPage({ view, preferences, notice, byLink = false, owner }: PreferencesPageProps) {
  const { texts } = view;
  return (
    <Layout
      view={view}
      title={texts.preferences}
      notice={notice}
      {...(byLink ? {} : { current: 'preferences' as const })}
    >
      {owner && (
        <p class="soft">
          <Sentence>{owner}</Sentence>
        </p>
      )}
      <form method="post" class="card" data-preferences="">
        <PreferenceBox view={view} name="all" checked={preferences.all} />
        <fieldset>
          <legend>{texts.kindsOfEmail}</legend>
          {EMAIL_KINDS.map((name) => (
            <PreferenceBox key={name} view={view} name={name} checked={preferences[name]} />
          ))}
        </fieldset>
        <button type="submit" class="main">
          {texts.save}
        </button>
      </form>
    </Layout>
  );
}

interface PreferenceBoxProps {
  readonly view: View;
  readonly name: (typeof PREFERENCE_NAMES)[number];
  readonly checked: boolean;
}

const PreferenceBox = ({ view, name, checked }: PreferenceBoxProps) => (
  <label class={name === 'all' ? 'box whole' : 'box'}>
    <input type="checkbox" name={name} checked={checked} />
    {view.texts.preference[name]}
  </label>
);
