import { PREFERENCES, type EmailPreferences } from '../preferences/email-preferences.js';
import { Layout } from './layout.js';
import type { Texts } from './texts.js';

interface PreferencesPageProps {
  readonly texts: Texts;
  readonly preferences: EmailPreferences;
  readonly saved?: boolean;
}

/** R7, R8: the preferences that govern the e-mails. The form goes to the address that shows it. */
export function PreferencesPage({ texts, preferences, saved = false }: PreferencesPageProps) {
  return (
    <Layout texts={texts} title={texts.preferences}>
      {saved && <p role="status">{texts.saved}</p>}
      <form method="post" class="card">
        {PREFERENCES.map((name) => (
          <label key={name}>
            <input type="checkbox" name={name} checked={preferences[name]} />
            {texts.preference[name]}
          </label>
        ))}
        <button type="submit">{texts.save}</button>
      </form>
    </Layout>
  );
}
