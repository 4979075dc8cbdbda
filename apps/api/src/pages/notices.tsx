import { NoticePage } from './notice.page.js';
import type { PageAnswer } from './page-answer.js';
import { ENGLISH as texts } from './texts.js';

const toInbox = { href: '/inbox', label: texts.toInbox };

/** One page for everything that is not, or no longer, open, whatever the cause: the same words, the same status. */
export const notOpen = (): PageAnswer => ({
  status: 410,
  page: <NoticePage texts={texts} title={texts.notOpen} text={texts.notOpenText} link={toInbox} />,
});

export const connected = (name: string): PageAnswer => ({
  status: 200,
  page: <NoticePage texts={texts} title={texts.connected(name)} link={toInbox} />,
});

/** @param href where the outcome will be seen */
export const underWay = (href: string): PageAnswer => ({
  status: 202,
  page: (
    <NoticePage
      texts={texts}
      title={texts.underWay}
      text={texts.underWayText}
      link={{ href, label: texts.lookAgain }}
    />
  ),
});

export const stopped = (): PageAnswer => ({
  status: 200,
  page: <NoticePage texts={texts} title={texts.stopped} />,
});

/** @param href where to sign in; undefined when nobody has told us */
export const signIn = (href: string | undefined): PageAnswer => ({
  status: 401,
  page: (
    <NoticePage
      texts={texts}
      title={texts.signIn}
      text={texts.signInText}
      {...(href === undefined ? {} : { link: { href, label: texts.signIn } })}
    />
  ),
});

export function failed(status: number): PageAnswer {
  if (status === 404) return { status, page: <NoticePage texts={texts} title={texts.notFound} /> };
  const text = status >= 500 ? texts.laterText : texts.failedText;
  return { status, page: <NoticePage texts={texts} title={texts.failed} text={text} /> };
}
