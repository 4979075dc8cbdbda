import { MAX_COUNTED } from '#libs/read-models';
import { LANGUAGES } from '../texts/choose-texts.js';
import type { Texts } from '../texts/texts.js';

const NAVIGATION_PAGES = [
  ['inbox', 'inbox'],
  ['archive', 'archive'],
  ['sent', 'sentList'],
  ['connections', 'connections'],
  ['preferences', 'preferencesPage'],
] as const;

/** Named by the first segment of the path. */
export type MemberPage = (typeof NAVIGATION_PAGES)[number][0];

interface NavigationProps {
  readonly texts: Texts;
  readonly current?: MemberPage | undefined;
  /** The invitations in the inbox. */
  readonly waiting?: number | undefined;
}

export function Navigation({ texts, current, waiting = 0 }: NavigationProps) {
  return (
    <nav aria-label={texts.pages}>
      <ul>
        {NAVIGATION_PAGES.map(([page, label]) => (
          <li key={page}>
            <a href={`/${page}`} aria-current={page === current ? 'page' : undefined}>
              {texts[label]}
              {page === 'inbox' && <Badge texts={texts} waiting={waiting} />}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A number, with its meaning for screen readers. The script updates it. */
const Badge = ({ texts, waiting }: { readonly texts: Texts; readonly waiting: number }) => (
  <span class="badge" hidden={waiting === 0}>
    <span aria-hidden="true">{formatWaiting(texts, waiting)}</span>
    <span class="unseen">{texts.waiting(waiting)}</span>
  </span>
);

/** Formats a count that stops at MAX_COUNTED. */
export const formatWaiting = (texts: Texts, waiting: number): string =>
  waiting < MAX_COUNTED ? texts.count(waiting) : `${texts.count(MAX_COUNTED - 1)}+`;

interface LanguageSwitchProps {
  readonly texts: Texts;
  readonly address: string | undefined;
}

/** Links to the same page in the other language. Each language names itself, for readers who cannot read this one. */
export function LanguageSwitch({ texts, address }: LanguageSwitchProps) {
  if (address === undefined) return null;
  return (
    <nav aria-label={texts.languages}>
      <ul>
        {LANGUAGES.map(({ lang, languageName }) => (
          <li key={lang}>
            <a
              href={withLanguage(address, lang)}
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

/** A query only, so that it is relative to the current path. */
function withLanguage(address: string, lang: string): string {
  const query = new URLSearchParams(address.split('?')[1] ?? '');
  query.set('lang', lang);
  return `?${query}`;
}
