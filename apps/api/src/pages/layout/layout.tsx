import type { ComponentChildren } from 'preact';
import { Isolated, Sentence } from '../texts/bidi-isolation.js';
import type { NoticeMessage, View } from './view.js';
import { ICON_PATH, SCRIPT_PATH } from './assets.controller.js';
import { Notice } from './notice.js';
import { LanguageSwitch, Navigation, type MemberPage } from './navigation.js';
import { STYLE } from './style.js';

interface LayoutProps {
  readonly view: View;
  readonly title: string;
  /** The title of the window, if it is shorter than that of the page. */
  readonly windowTitle?: string;
  /** The current page in the navigation. */
  readonly current?: MemberPage;
  /** A notice above the content; one that belongs to an invitation stands in its list instead. */
  readonly notice?: NoticeMessage | undefined;
  /** The newest invitation that the page shows: later ones are announced. */
  readonly newsAfter?: string | undefined;
  readonly children?: ComponentChildren;
}

/** The layout of every page. Only signed-in members have a navigation. */
export function Layout(props: LayoutProps) {
  const { view, title, windowTitle = title, current, notice, newsAfter, children } = props;
  const { texts, member, networkName, networkLogoUrl } = view;
  return (
    <html lang={texts.lang} dir={texts.dir}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        {/* Without a referrer, older browsers send the origin `null` with a form, which SameOriginGuard rejects. */}
        {member && <meta name="referrer" content="same-origin" />}
        <title>{`${windowTitle} · ${networkName ?? texts.pages}`}</title>
        <link rel="icon" href={ICON_PATH} />
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
        <script src={SCRIPT_PATH} defer />
      </head>
      <body data-try-again={texts.tryAgain} data-news={member && newsPath(newsAfter)}>
        <a class="skip" href="#content">
          {texts.skipToContent}
        </a>
        <header>
          <div class="bar">
            <a class="brand" href="/inbox">
              {/* The name beside it says the same to a screen reader. */}
              {networkLogoUrl && <img src={networkLogoUrl} alt="" height={28} />}
              <Isolated>{networkName ?? texts.pages}</Isolated>
            </a>
            {member && <Account view={view} />}
          </div>
          {member && <Navigation texts={texts} current={current} waiting={member.waiting} />}
        </header>
        <main id="content" tabindex={-1}>
          {notice && <Notice notice={notice} />}
          <h1>
            <Sentence>{title}</Sentence>
          </h1>
          {children}
        </main>
        <footer>
          <LanguageSwitch texts={texts} address={view.address} />
          {view.supportUrl && (
            <a class="way" href={view.supportUrl}>
              {texts.support}
            </a>
          )}
        </footer>
      </body>
    </html>
  );
}

/** The route of InboxNewsController. */
const newsPath = (after: string | undefined): string =>
  after === undefined ? '/inbox/news' : `/inbox/news?after=${encodeURIComponent(after)}`;

/** Who is signed in, and the ways to change that. */
function Account({ view: { texts, member, otherAccount } }: { readonly view: View }) {
  return (
    <div class="account">
      {member?.name !== undefined && (
        <span class="name">
          <Isolated>{member.name}</Isolated>
        </span>
      )}
      {otherAccount && (
        <a class="way" href={otherAccount}>
          {texts.otherAccount}
        </a>
      )}
      <form method="post" action="/sign-out">
        <button type="submit" class="plain">
          {texts.signOut}
        </button>
      </form>
    </div>
  );
}
