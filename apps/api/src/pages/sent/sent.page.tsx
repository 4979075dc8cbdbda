import type { EarlierInvitation, Page, SentInvitation } from '#libs/read-models';
import { Layout } from '../layout/layout.js';
import { ListWithNotice, noticeOnTop } from '../layout/notice.js';
import { CannotSendBanner } from '../layout/cannot-send-banner.js';
import { Avatar, Pagination, CommandForm, SearchForm, When } from '../layout/components.js';
import type { NoticeMessage, View } from '../layout/view.js';
import { Isolated, Sentence, withoutIsolates } from '../texts/bidi-isolation.js';

interface SentPageProps {
  readonly view: View;
  readonly page: Page<SentInvitation>;
  /** The invitations to each of the recipients, newest first. */
  readonly history: ReadonlyMap<string, readonly EarlierInvitation[]>;
  readonly cursor?: string | undefined;
  readonly search?: string | undefined;
  readonly notice?: NoticeMessage | undefined;
}

/**
 * The sent list. It shows nothing that distinguishes an ignored or declined invitation from a pending one (D1). Earlier
 * invitations that were withdrawn or have expired stand in the card of the newest one to the same member; a search finds each by
 * itself. Those that a follow-up has superseded always stand in the card of the follow-up.
 */
export function SentPage({ view, page, history, cursor, search, notice }: SentPageProps) {
  const { texts } = view;
  const earlier = new Map(
    [...history.values()].map(([newest, ...others]) => [newest!.invitationId, others.filter(isClosed)]),
  );
  const folded = new Set(
    search === undefined ? [...earlier.values()].flat().map(({ invitationId }) => invitationId) : [],
  );
  const paging = { texts, list: '/sent', cursor, search, next: page.next };
  return (
    <Layout
      view={view}
      title={texts.sentTitle}
      windowTitle={texts.sentList}
      current="sent"
      notice={noticeOnTop(notice)}
    >
      <CannotSendBanner view={view} />
      <SearchForm {...paging} />
      {page.items.length === 0 && <p>{search === undefined ? texts.sentIsEmpty : texts.nothingFound}</p>}
      <ListWithNotice
        items={page.items.filter(({ invitationId }) => !folded.has(invitationId))}
        notice={notice}
      >
        {(invitation) => (
          <SentCard
            view={view}
            invitation={invitation}
            cursor={cursor}
            mayInvite={!isClosed(invitation) || earlier.has(invitation.invitationId)}
            superseded={supersededBy(invitation, history)}
            earlier={
              (search === undefined ? earlier.get(invitation.invitationId) : undefined) ??
              supersededBy(invitation, history)
            }
          />
        )}
      </ListWithNotice>
      <Pagination {...paging} />
    </Layout>
  );
}

/** Whether the invitation was withdrawn, has expired or was superseded. A later one to the same member may have followed it. */
export const isClosed = ({ status }: Pick<EarlierInvitation, 'status'>): boolean =>
  status === 'withdrawn' || status === 'expired' || status === 'superseded';

/** The invitations that a follow-up has superseded, one after another, the newest first. */
function supersededBy(
  { invitationId, recipient }: SentInvitation,
  history: SentPageProps['history'],
): readonly EarlierInvitation[] {
  const sent = history.get(recipient.id) ?? [];
  const index = sent.findIndex((one) => one.invitationId === invitationId);
  // The history has the newest ones only.
  const before = index === -1 ? [] : sent.slice(index + 1);
  const end = before.findIndex(({ status }) => status !== 'superseded');
  return end === -1 ? before : before.slice(0, end);
}

interface SentCardProps {
  readonly view: View;
  /** Whether another invitation to the member can be sent from here. */
  readonly mayInvite: boolean;
  readonly invitation: SentInvitation;
  /** Those that this one has superseded. */
  readonly superseded: readonly EarlierInvitation[];
  /** Earlier ones to the same member, which are closed. */
  readonly earlier: readonly EarlierInvitation[];
  readonly cursor?: string | undefined;
}

/** Shows recipient, message, date, the status that the inviter may know and the reply (D18), with the possible actions (R21, R31). */
function SentCard({ view, invitation, superseded, earlier, cursor, mayInvite }: SentCardProps) {
  const { texts } = view;
  const { invitationId, recipient, status } = invitation;
  const closed = isClosed(invitation);
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
      <Exchange view={view} invitation={invitation} first={superseded.at(-1)} />
      {earlier.length > 0 && <Earlier view={view} invitations={earlier} />}
      {status !== 'accepted' && mayInvite && (
        <div class="acts">
          <a
            class="button"
            href={`/sent/${invitationId}/follow-up`}
            aria-label={withoutIsolates(
              closed ? texts.inviteAgainTo(recipient.name) : texts.followUpWith(recipient.name),
            )}
          >
            {closed ? texts.inviteAgain : texts.followUp}
          </a>
          {!closed && (
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

interface ExchangeProps {
  readonly view: View;
  readonly invitation: EarlierInvitation;
  /** The first of those that a follow-up has superseded. */
  readonly first?: EarlierInvitation | undefined;
}

/** What the two have written, and when. */
function Exchange({ view, invitation, first }: ExchangeProps) {
  const { texts } = view;
  const { recipient, message, sentAt, reply, repliedAt } = invitation;
  return (
    <>
      {message && <blockquote dir="auto">{message}</blockquote>}
      {first === undefined ? (
        <When view={view} label={texts.sentOn} at={sentAt} />
      ) : (
        <p class="soft small">
          {texts.sentOn} <Time view={view} at={first.sentAt} /> · {texts.followedUpOn}{' '}
          <Time view={view} at={sentAt} />
        </p>
      )}
      {reply && (
        <>
          <p class="small">
            <Sentence>{texts.replyFrom(recipient.name)}</Sentence>{' '}
            {repliedAt && <Time view={view} at={repliedAt} />}
          </p>
          <blockquote class="answer" dir="auto">
            {reply}
          </blockquote>
        </>
      )}
    </>
  );
}

function Time({ view: { texts, now }, at }: { readonly view: View; readonly at: string }) {
  const time = new Date(at);
  return (
    <time class="soft" datetime={at} title={texts.date(time)}>
      {texts.ago(time, now)}
    </time>
  );
}

interface EarlierProps {
  readonly view: View;
  readonly invitations: readonly EarlierInvitation[];
}

/** Earlier invitations, folded: their replies are not lost either (D18). */
function Earlier({ view, invitations }: EarlierProps) {
  const { texts } = view;
  return (
    <details>
      <summary>{texts.earlier(invitations.length)}</summary>
      <ul>
        {invitations.map((invitation) => (
          <li key={invitation.invitationId}>
            <p class="status">{texts.status[invitation.status]}</p>
            <Exchange view={view} invitation={invitation} />
          </li>
        ))}
      </ul>
    </details>
  );
}
