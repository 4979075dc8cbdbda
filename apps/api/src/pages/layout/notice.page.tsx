import type { ComponentChildren } from 'preact';
import { Sentence } from '../texts/bidi-isolation.js';
import { Layout } from './layout.js';
import type { View, PageResponse } from './view.js';

interface NoticeProps {
  readonly view: View;
  readonly title: string;
  readonly text?: string;
  readonly link?: { readonly href: string; readonly label: string };
  readonly children?: ComponentChildren;
}

/** A page with one message and a link to where the member can go next. */
export function NoticePage({ view, title, text, link, children }: NoticeProps) {
  return (
    <Layout view={view} title={title}>
      {text && (
        <p>
          <Sentence>{text}</Sentence>
        </p>
      )}
      {link && (
        <p>
          <a class="button main" href={link.href}>
            {link.label}
          </a>
        </p>
      )}
      {children}
    </Layout>
  );
}

/**
 * One page for everything that is not open or no longer open, whatever the cause: the same text and the same status.
 */
export const notOpenPage = (): PageResponse => ({
  status: 410,
  page: (view) => (
    <NoticePage
      view={view}
      title={view.texts.notOpen}
      text={view.texts.notOpenText}
      link={{ href: '/inbox', label: view.texts.toInbox }}
    />
  ),
});

export const connectedPage = (name: string): PageResponse => ({
  status: 200,
  page: (view) => (
    <NoticePage
      view={view}
      title={view.texts.connected(name)}
      link={{ href: '/inbox', label: view.texts.toInbox }}
    />
  ),
});

/** @param href the page that will show the outcome */
export const pendingPage = (href: string): PageResponse => ({
  status: 202,
  page: (view) => (
    <NoticePage
      view={view}
      title={view.texts.underWay}
      text={view.texts.underWayText}
      link={{ href, label: view.texts.lookAgain }}
    />
  ),
});

export const unsubscribedPage = (): PageResponse => ({
  status: 200,
  page: (view) => <NoticePage view={view} title={view.texts.stopped} />,
});

/** @param href the sign-in page; undefined when none is configured */
export const signInPage = (href: string | undefined): PageResponse => ({
  status: 401,
  page: (view) => (
    <NoticePage
      view={view}
      title={view.texts.signIn}
      text={view.texts.signInText}
      {...(href === undefined ? {} : { link: { href, label: view.texts.toSignIn } })}
    />
  ),
});

export const errorPage = (status: number): PageResponse => ({
  status,
  page: (view) => {
    const { notFound, laterText, tooManyText, failed, failedText } = view.texts;
    if (status === 404) return <NoticePage view={view} title={notFound} />;
    const text = status >= 500 ? laterText : status === 429 ? tooManyText : failedText;
    return <NoticePage view={view} title={failed} text={text} />;
  },
});
