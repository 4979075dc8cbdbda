import type { Page, ReceivedInvitation } from '#libs/read-models';
import { CommandForm, Pagination } from '../layout/components.js';
import { Layout } from '../layout/layout.js';
import { withoutIsolates, Sentence } from '../texts/bidi-isolation.js';
import type { NoticeMessage, View } from '../layout/view.js';
import { InvitationCard } from './invitation.card.js';
import type { ReceivedList } from './inbox-or-archive.js';

interface InboxPageProps {
  readonly view: View;
  readonly list: ReceivedList;
  readonly page: Page<ReceivedInvitation>;
  readonly cursor?: string | undefined;
  /** The invitations that the member has replied to, which they can still accept (R18), ignore or decline (D17). */
  readonly replied: ReadonlySet<string>;
  readonly notice?: NoticeMessage | undefined;
}

/**
 * R9: the open invitations of the inbox, or the ignored ones of the archive, which the member may still answer (R19,
 * D5).
 */
export function InboxPage({ view, list, page, cursor, replied, notice }: InboxPageProps) {
  const { texts } = view;
  const inArchive = list === 'archive';
  return (
    <Layout
      view={view}
      title={inArchive ? texts.archiveTitle : texts.inboxTitle}
      current={list}
      notice={notice}
    >
      {page.items.length === 0 && <p>{inArchive ? texts.archiveIsEmpty : texts.inboxIsEmpty}</p>}
      <ul>
        {page.items.map((invitation) => {
          const { invitationId, inviter } = invitation;
          const address = `/${list}/${invitationId}`;
          const place = { view, cursor };
          return (
            <li key={invitationId}>
              <InvitationCard texts={texts} invitation={invitation}>
                {replied.has(invitationId) && <p>{texts.haveReplied}</p>}
                <div class="acts">
                  <CommandForm
                    {...place}
                    action={`${address}/accept`}
                    label={texts.accept}
                    spokenLabel={texts.acceptFrom(inviter.name)}
                    main
                  />
                  {!replied.has(invitationId) && (
                    <a
                      class="button"
                      href={`${address}/reply`}
                      aria-label={withoutIsolates(texts.replyTo(inviter.name))}
                    >
                      {texts.reply}
                    </a>
                  )}
                  {inArchive ? (
                    <DeclineForm {...place} invitationId={invitationId} name={inviter.name} />
                  ) : (
                    <CommandForm
                      {...place}
                      action={`${address}/ignore`}
                      label={texts.ignore}
                      spokenLabel={texts.ignoreFrom(inviter.name)}
                    />
                  )}
                </div>
              </InvitationCard>
            </li>
          );
        })}
      </ul>
      <Pagination texts={texts} list={`/${list}`} cursor={cursor} next={page.next} />
    </Layout>
  );
}

interface DeclineFormProps {
  readonly view: View;
  readonly invitationId: string;
  readonly name: string;
  readonly cursor?: string | undefined;
}

/** R23, in two steps, because it cannot be undone. R28: the advice stands before the button. */
function DeclineForm({ view, invitationId, name, cursor }: DeclineFormProps) {
  const { texts } = view;
  return (
    <details>
      <summary>
        <span>
          <Sentence>{texts.dontKnow(name)}</Sentence>
        </span>
      </summary>
      <p>{texts.dontKnowAdvice}</p>
      <CommandForm
        view={view}
        action={`/archive/${invitationId}/decline`}
        label={<Sentence>{texts.dontKnowConfirm(name)}</Sentence>}
        cursor={cursor}
      />
    </details>
  );
}
