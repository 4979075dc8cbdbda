import type { Page, SentInvitation } from '#libs/read-models';
import { Layout } from '../layout/layout.js';
import { Pagination, CommandForm } from '../layout/components.js';
import type { NoticeMessage, View } from '../layout/view.js';
import { Isolated, Sentence, withoutIsolates } from '../texts/bidi-isolation.js';

interface SentPageProps {
  readonly view: View;
  readonly page: Page<SentInvitation>;
  readonly cursor?: string | undefined;
  readonly notice?: NoticeMessage | undefined;
}

/** The sent list. It shows nothing that distinguishes an ignored or declined invitation from a pending one (D1). */
export function SentPage({ view, page, cursor, notice }: SentPageProps) {
  const { texts } = view;
  return (
    <Layout view={view} title={texts.sentTitle} current="sent" notice={notice}>
      {page.items.length === 0 && <p>{texts.sentIsEmpty}</p>}
      <ul>
        {page.items.map((invitation) => (
          <li key={invitation.invitationId}>
            <SentCard view={view} invitation={invitation} cursor={cursor} />
          </li>
        ))}
      </ul>
      <Pagination texts={texts} list="/sent" cursor={cursor} next={page.next} />
    </Layout>
  );
}

interface SentCardProps {
  readonly view: View;
  readonly invitation: SentInvitation;
  readonly cursor?: string | undefined;
}

/** Shows recipient, message, date, the status that the inviter may know and the reply (D18), with the possible actions (R21, R31). */
function SentCard({ view, invitation, cursor }: SentCardProps) {
  const { texts } = view;
  const { invitationId, recipient, message, sentAt, status, reply, repliedAt } = invitation;
  return (
    <article>
      <div class="head">
        <h2>
          <Isolated>{recipient.name}</Isolated>
        </h2>
        <p class="status">{texts.status[status]}</p>
      </div>
      {message && <blockquote dir="auto">{message}</blockquote>}
      <p class="soft small">
        {texts.sentOn} <time datetime={sentAt}>{texts.date(new Date(sentAt))}</time>
      </p>
      {reply && (
        <>
          <p class="soft small">
            <Sentence>{texts.replyFrom(recipient.name)}</Sentence>{' '}
            {repliedAt && <time datetime={repliedAt}>{texts.date(new Date(repliedAt))}</time>}
          </p>
          <blockquote dir="auto">{reply}</blockquote>
        </>
      )}
      {status !== 'accepted' && (
        <div class="acts">
          <a
            class="button"
            href={`/sent/${invitationId}/follow-up`}
            aria-label={withoutIsolates(texts.followUpWith(recipient.name))}
          >
            {texts.followUp}
          </a>
          {status !== 'withdrawn' && (
            <details>
              <summary aria-label={withoutIsolates(texts.withdrawFrom(recipient.name))}>
                {texts.withdraw}
              </summary>
              <p>{texts.withdrawText}</p>
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
