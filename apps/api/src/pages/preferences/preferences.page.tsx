import { PREFERENCE_NAMES, type EmailPreferences } from '../../preferences/preferences.dto.js';
import { Layout } from '../layout/layout.js';
import type { NoticeMessage, View } from '../layout/view.js';

interface PreferencesPageProps {
  readonly view: View;
  readonly preferences: EmailPreferences;
  readonly notice?: NoticeMessage | undefined;
  /** Opened by a link in an e-mail: the member is not signed in, so there is no navigation. */
  readonly byLink?: boolean;
}

/** R7, R8: the e-mail preferences. The form posts to the URL of the page. */
export function PreferencesPage({ view, preferences, notice, byLink = false }: PreferencesPageProps) {
  const { texts } = view;
  return (
    <Layout
      view={view}
      title={texts.preferences}
      notice={notice}
      {...(byLink ? {} : { current: 'preferences' as const })}
    >
      <form method="post" class="card">
        {PREFERENCE_NAMES.map((name) => (
          <label key={name} class={name === 'all' ? 'box whole' : 'box'}>
            <input type="checkbox" name={name} checked={preferences[name]} />
            {texts.preference[name]}
          </label>
        ))}
        <button type="submit" class="main">
          {texts.save}
        </button>
      </form>
    </Layout>
  );
}
