import { LANGUAGES } from '../texts/choose-texts.js';
import type { Texts } from '../texts/texts.js';

interface LanguageSwitchProps {
  readonly texts: Texts;
  readonly address: string | undefined;
}

/** The same page in the other language; each names itself, for who cannot read this one. */
export function LanguageSwitch({ texts, address }: LanguageSwitchProps) {
  if (address === undefined) return null;
  return (
    <nav aria-label={texts.languages}>
      <ul>
        {LANGUAGES.map(({ lang, languageName }) => (
          <li key={lang}>
            <a
              href={inLanguage(address, lang)}
              lang={lang}
              hreflang={lang}
              aria-current={lang === texts.lang ? 'true' : undefined}
            >
              {languageName}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The query only: relative to the page, whatever its path. */
function inLanguage(address: string, lang: string): string {
  const query = new URLSearchParams(address.split('?')[1] ?? '');
  query.set('lang', lang);
  return `?${query}`;
}
