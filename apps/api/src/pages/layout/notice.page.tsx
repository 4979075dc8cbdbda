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
      {children}
      {link && (
        <p>
          <a class="button main" href={link.href}>
            <Sentence>{link.label}</Sentence>
          </a>
        </p>
      )}
    </Layout>
  );
}

const toInbox = ({ texts }: View) => ({ href: '/inbox', label: texts.toInbox });

/**
 * One page for everything that is not open or no longer open, whatever the cause: the same text and the same status.
 */
export const notOpenPage = (): PageResponse => ({
  status: 410,
  page: (view) => (
    <NoticePage view={view} title={view.texts.notOpen} text={view.texts.notOpenText} link={toInbox(view)} />
  ),
});

/**
 * After a form whose invitation is not open, or not the member's: one page for both. It has the text, which would be lost otherwise.
 * @param list where the member goes next
 */
export const unsentPage = (message: string, list: 'inbox' | 'archive' | 'sent'): PageResponse => ({
  status: 422,
  page: (view) => {
    const { refused, notSent, toInbox: inbox, toArchive, toSent } = view.texts;
    const label = { inbox, archive: toArchive, sent: toSent }[list];
    return (
      <NoticePage view={view} title={refused.NOT_OPEN} link={{ href: `/${list}`, label }}>
        <p>{notSent}</p>
        <blockquote class="answer" dir="auto">
          {message}
        </blockquote>
      </NoticePage>
    );
  },
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

/** @param href the sign-in page; undefined when none is configured */
export const signedOutPage = (href: string | undefined): PageResponse => ({
  status: 200,
  page: (view) => (
    <NoticePage
      view={view}
      title={view.texts.signedOut}
      text={view.texts.signedOutText}
      {...(href === undefined ? {} : { link: { href, label: view.texts.toSignIn } })}
    />
  ),
});

/** Each error page says what to do next, and links to the inbox. */
export const errorPage = (status: number): PageResponse => ({
  status,
  page: (view) => {
    const { notFound, notFoundText, laterText, tooManyText, failed, failedText } = view.texts;
    const title = status === 404 ? notFound : failed;
    const text =
      status === 404 ? notFoundText : status >= 500 ? laterText : status === 429 ? tooManyText : failedText;
    return <NoticePage view={view} title={title} text={text} link={toInbox(view)} />;
  },
});
