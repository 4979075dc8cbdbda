import { NoticePage } from './notice.page.js';
import type { PageAnswer } from './page-answer.js';

/** One page for everything that is not, or no longer, open, whatever the cause: the same words, the same status. */
export const notOpen = (): PageAnswer => ({
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

export const connected = (name: string): PageAnswer => ({
  status: 200,
  page: (view) => (
    <NoticePage
      view={view}
      title={view.texts.connected(name)}
      link={{ href: '/inbox', label: view.texts.toInbox }}
    />
  ),
});

/** @param href where the outcome will be seen */
export const underWay = (href: string): PageAnswer => ({
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

export const stopped = (): PageAnswer => ({
  status: 200,
  page: (view) => <NoticePage view={view} title={view.texts.stopped} />,
});

/** @param href where to sign in; undefined when nobody has told us */
export const signIn = (href: string | undefined): PageAnswer => ({
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

export const failed = (status: number): PageAnswer => ({
  status,
  page: (view) => {
    const { notFound, laterText, tooManyText, failed, failedText } = view.texts;
    if (status === 404) return <NoticePage view={view} title={notFound} />;
    const text = status >= 500 ? laterText : status === 429 ? tooManyText : failedText;
    return <NoticePage view={view} title={failed} text={text} />;
  },
});
