import type { ComponentChildren } from 'preact';
import { Sentence } from '../texts/bidi-isolation.js';
import type { NoticeMessage } from './view.js';

/** What the previous action did. It has the focus, so that screen readers say it and Tab goes on from there. */
export const Notice = ({ notice: { good, text } }: { readonly notice: NoticeMessage }) => (
  <p class={good ? 'said' : 'said bad'} role="status" tabindex={-1} autofocus>
    <Sentence>{text}</Sentence>
  </p>
);

interface Listed {
  readonly invitationId: string;
  readonly sentAt: string;
}

interface ListWithNoticeProps<Item extends Listed> {
  readonly items: readonly Item[];
  readonly notice: NoticeMessage | undefined;
  /** What can be done after the action. */
  readonly actions?: ComponentChildren;
  readonly children: (item: Item) => ComponentChildren;
}

/** A list of invitations, newest first, with the notice in the place of the invitation that it is about. */
export function ListWithNotice<Item extends Listed>({
  items,
  notice,
  actions,
  children,
}: ListWithNoticeProps<Item>) {
  const entries = items.map((item) => <li key={item.invitationId}>{children(item)}</li>);
  if (notice?.place !== undefined) {
    const { place } = notice;
    const index = items.findIndex((item) => !isBefore(item, place));
    entries.splice(
      index === -1 ? items.length : index,
      0,
      <li key="notice">
        <Notice notice={notice} />
        {actions && <div class="acts after">{actions}</div>}
      </li>,
    );
  }
  return <ul class="rows">{entries}</ul>;
}

/** Whether an invitation stands before another in a list that is ordered like those of the read models. */
const isBefore = (one: Listed, other: Listed): boolean =>
  one.sentAt === other.sentAt ? one.invitationId > other.invitationId : one.sentAt > other.sentAt;

/** Returns a notice that stands in no list, for the top of the page. */
export const noticeOnTop = (notice: NoticeMessage | undefined): NoticeMessage | undefined =>
  notice?.place === undefined ? notice : undefined;
