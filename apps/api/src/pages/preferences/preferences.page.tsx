import { PREFERENCES, type EmailPreferences } from '../../preferences/email-preferences.js';
import { Layout } from '../frame/layout.js';
import type { Said, View } from '../view.js';

interface PreferencesPageProps {
  readonly view: View;
  readonly preferences: EmailPreferences;
  readonly said?: Said | undefined;
  /** By a link in an e-mail: nobody is signed in, and there is nowhere else to go. */
  readonly byLink?: boolean;
}

/** R7, R8: the preferences that govern the e-mails. The form goes to the address that shows it. */
export function PreferencesPage({ view, preferences, said, byLink = false }: PreferencesPageProps) {
  const { texts } = view;
  return (
    <Layout
      view={view}
      title={texts.preferences}
      said={said}
      {...(byLink ? {} : { current: 'preferences' as const })}
    >
      <form method="post" class="card">
        {PREFERENCES.map((name) => (
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
