import type { ComponentChildren } from 'preact';
import { Sentence } from '../texts/isolate.js';
import type { Said, View } from '../view.js';
import { LanguageSwitch } from './language-switch.js';
import { Navigation, type MemberPage } from './navigation.js';
import { SCRIPT_PATH } from './script.js';
import { STYLE } from './style.js';

interface LayoutProps {
  readonly view: View;
  readonly title: string;
  /** Which page of a member who is signed in; the others have no navigation. */
  readonly current?: MemberPage;
  readonly said?: Said | undefined;
  readonly children?: ComponentChildren;
}

/** The frame of every page. */
export function Layout({ view, title, current, said, children }: LayoutProps) {
  const { texts } = view;
  return (
    <html lang={texts.lang} dir={texts.dir}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        {/* Without a referrer, older browsers say `null` of where a form is from, which the SameOriginGuard refuses. */}
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
          {said && (
            <p class={said.good ? 'said' : 'said bad'} role="status" tabindex={-1} autofocus>
              <Sentence>{said.text}</Sentence>
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
