import type { Page, SentInvitation } from '#libs/read-models';
import { Layout } from '../layout/layout.js';
import { ListWithNotice, noticeOnTop } from '../layout/notice.js';
import { RestrictedBanner } from '../layout/restricted-banner.js';
import { Avatar, Pagination, CommandForm, SearchForm, When } from '../layout/components.js';
import type { NoticeMessage, View } from '../layout/view.js';
import { Isolated, Sentence, withoutIsolates } from '../texts/bidi-isolation.js';

interface SentPageProps {
  readonly view: View;
  readonly page: Page<SentInvitation>;
  readonly cursor?: string | undefined;
  readonly search?: string | undefined;
  readonly notice?: NoticeMessage | undefined;
}

/** The sent list. It shows nothing that distinguishes an ignored or declined invitation from a pending one (D1). */
export function SentPage({ view, page, cursor, search, notice }: SentPageProps) {
  const { texts } = view;
  const paging = { texts, list: '/sent', cursor, search, next: page.next };
  const newest = newestForEach(page.items);
  return (
    <Layout
      view={view}
      title={texts.sentTitle}
      windowTitle={texts.sentList}
      current="sent"
      notice={noticeOnTop(notice)}
    >
      {view.member?.isRestricted && <RestrictedBanner view={view} />}
      <SearchForm {...paging} />
      {page.items.length === 0 && <p>{search === undefined ? texts.sentIsEmpty : texts.nothingFound}</p>}
      <ListWithNotice items={page.items} notice={notice}>
        {(invitation) => (
          <SentCard
            view={view}
            invitation={invitation}
            cursor={cursor}
            isNewest={newest.has(invitation.invitationId)}
          />
        )}
      </ListWithNotice>
      <Pagination {...paging} />
    </Layout>
  );
}

/** The newest invitation to each member. An earlier one, which was withdrawn, offers nothing any more. */
const newestForEach = (items: readonly SentInvitation[]): ReadonlySet<string> =>
  new Set(
    new Map(items.toReversed().map(({ recipient, invitationId }) => [recipient.id, invitationId])).values(),
  );

interface SentCardProps {
  readonly view: View;
  readonly isNewest: boolean;
  readonly invitation: SentInvitation;
  readonly cursor?: string | undefined;
}

/** Shows recipient, message, date, the status that the inviter may know and the reply (D18), with the possible actions (R21, R31). */
function SentCard({ view, invitation, cursor, isNewest }: SentCardProps) {
  const { texts } = view;
  const { invitationId, recipient, message, sentAt, status, reply, repliedAt } = invitation;
  return (
    <article>
      <Avatar name={recipient.name} />
      <div class="head">
        <div class="who">
          <h2>
            <Isolated>{recipient.name}</Isolated>
          </h2>
        </div>
        <p class="status">{texts.status[status]}</p>
      </div>
      {message && <blockquote dir="auto">{message}</blockquote>}
      <When view={view} label={texts.sentOn} at={sentAt} />
      {reply && (
        <>
          <p class="small">
            <Sentence>{texts.replyFrom(recipient.name)}</Sentence>{' '}
            {repliedAt && (
              <time class="soft" datetime={repliedAt} title={texts.date(new Date(repliedAt))}>
                {texts.ago(new Date(repliedAt), view.now)}
              </time>
            )}
          </p>
          <blockquote class="answer" dir="auto">
            {reply}
          </blockquote>
        </>
      )}
      {status !== 'accepted' && isNewest && (
        <div class="acts">
          <a
            class="button"
            href={`/sent/${invitationId}/follow-up`}
            aria-label={withoutIsolates(
              status === 'withdrawn'
                ? texts.inviteAgainTo(recipient.name)
                : texts.followUpWith(recipient.name),
            )}
          >
            {status === 'withdrawn' ? texts.inviteAgain : texts.followUp}
          </a>
          {status !== 'withdrawn' && (
            <details>
              <summary aria-label={withoutIsolates(texts.withdrawFrom(recipient.name))}>
                {texts.withdraw}
              </summary>
              <p>
                <Sentence>{texts.withdrawText(recipient.name)}</Sentence>
              </p>
              <CommandForm
                view={view}
                action={`/sent/${invitationId}/withdraw`}
                label={<Sentence>{texts.withdrawConfirm(recipient.name)}</Sentence>}
                cursor={cursor}
              />
            </details>
          )}
        </div>
      )}
    </article>
  );
}
