import type { ComponentChildren } from 'preact';
import { Sentence } from '../texts/bidi-isolation.js';
import type { Texts } from '../texts/texts.js';
import { LANGUAGES } from '../texts/choose-texts.js';
import type { NoticeMessage, View } from './view.js';
import { SCRIPT_PATH } from './script.controller.js';
import { STYLE } from './style.js';

interface LayoutProps {
  readonly view: View;
  readonly title: string;
  /** The current page of a signed-in member; other pages have no navigation. */
  readonly current?: MemberPage;
  readonly notice?: NoticeMessage | undefined;
  readonly children?: ComponentChildren;
}

/** The layout of every page. */
export function Layout({ view, title, current, notice, children }: LayoutProps) {
  const { texts } = view;
  return (
    <html lang={texts.lang} dir={texts.dir}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        {/* Without a referrer, older browsers send the origin `null` with a form, which SameOriginGuard rejects. */}
        {current && <meta name="referrer" content="same-origin" />}
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
        <script src={SCRIPT_PATH} defer />
      </head>
      <body data-try-again={texts.tryAgain}>
        <a class="skip" href="#content">
          {texts.skipToContent}
        </a>
        {current && (
          <header>
            <Navigation texts={texts} current={current} />
          </header>
        )}
        <main id="content" tabindex={-1}>
          {notice && (
            <p class={notice.good ? 'said' : 'said bad'} role="status" tabindex={-1} autofocus>
              <Sentence>{notice.text}</Sentence>
            </p>
          )}
          <h1>
            <Sentence>{title}</Sentence>
          </h1>
          {children}
        </main>
        <footer>
          <LanguageSwitch texts={texts} address={view.address} />
          {current && view.otherAccount && (
            <p>
              <a class="way" href={view.otherAccount}>
                {texts.otherAccount}
              </a>
            </p>
          )}
        </footer>
      </body>
    </html>
  );
}

const NAVIGATION_PAGES = [
  ['inbox', 'inbox'],
  ['archive', 'archive'],
  ['sent', 'sentList'],
  ['preferences', 'preferencesPage'],
] as const;

/** Named by the first segment of the path. */
export type MemberPage = (typeof NAVIGATION_PAGES)[number][0];

interface NavigationProps {
  readonly texts: Texts;
  readonly current: MemberPage;
}

function Navigation({ texts, current }: NavigationProps) {
  return (
    <nav aria-label={texts.pages}>
      <ul>
        {NAVIGATION_PAGES.map(([page, label]) => (
          <li key={page}>
            <a href={`/${page}`} aria-current={page === current ? 'page' : undefined}>
              {texts[label]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface LanguageSwitchProps {
  readonly texts: Texts;
  readonly address: string | undefined;
}

/** Links to the same page in the other language. Each language names itself, for readers who cannot read this one. */
function LanguageSwitch({ texts, address }: LanguageSwitchProps) {
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
