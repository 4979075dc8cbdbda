import type { Page, ReceivedInvitation } from '#libs/read-models';
import { CommandButton, CommandForm, Pagination, SearchForm } from '../layout/components.js';
import { Layout } from '../layout/layout.js';
import { formatWaiting } from '../layout/navigation.js';
import { ListWithNotice, noticeOnTop } from '../layout/notice.js';
import { withoutIsolates, Sentence } from '../texts/bidi-isolation.js';
import type { Texts } from '../texts/texts.js';
import type { NoticeMessage, View } from '../layout/view.js';
import { InvitationCard } from './invitation.card.js';
import type { ReceivedList } from './inbox-or-archive.js';

interface InboxPageProps {
  readonly view: View;
  readonly list: ReceivedList;
  readonly page: Page<ReceivedInvitation>;
  readonly cursor?: string | undefined;
  readonly search?: string | undefined;
  /** The invitations that the member has replied to, which they can still accept (R18), ignore or decline (D17). */
  readonly replied: ReadonlySet<string>;
  /** Connections in common, by inviter. */
  readonly inCommon: ReadonlyMap<string, number>;
  readonly notice?: NoticeMessage | undefined;
}

/**
 * R9: the open invitations of the inbox, or the ignored ones of the archive, which the member may still answer (R19,
 * D5).
 */
export function InboxPage({ view, list, page, cursor, search, replied, inCommon, notice }: InboxPageProps) {
  const { texts } = view;
  const inArchive = list === 'archive';
  const paging = { texts, list: `/${list}`, cursor, search, next: page.next };
  return (
    <Layout
      view={view}
      title={inArchive ? texts.archiveTitle : texts.inboxTitle}
      windowTitle={inArchive ? texts.archive : titleOfInbox(texts, view.member?.waiting ?? 0)}
      current={list}
      notice={noticeOnTop(notice)}
      newsAfter={
        inArchive || cursor !== undefined || search !== undefined
          ? undefined
          : (page.items[0]?.sentAt ?? view.now.toISOString())
      }
    >
      <SearchForm {...paging} />
      {page.items.length === 0 && (
        <p>
          {search !== undefined ? texts.nothingFound : inArchive ? texts.archiveIsEmpty : texts.inboxIsEmpty}
        </p>
      )}
      <ListWithNotice items={page.items} notice={notice} actions={<NextSteps view={view} notice={notice} />}>
        {(invitation) => (
          <InvitationCard
            view={view}
            invitation={invitation}
            inCommon={inCommon.get(invitation.inviter.id)}
            inline={!inArchive}
          >
            {replied.has(invitation.invitationId) && <p class="soft">{texts.haveReplied}</p>}
            <Actions
              {...{ view, list, invitation, cursor }}
              hasReplied={replied.has(invitation.invitationId)}
            />
          </InvitationCard>
        )}
      </ListWithNotice>
      <Pagination {...paging} />
    </Layout>
  );
}

/** The title of the window, with the number that waits. */
export const titleOfInbox = (texts: Texts, waiting: number): string =>
  waiting === 0 ? texts.inbox : `${texts.inbox} (${formatWaiting(texts, waiting)})`;

interface ActionsProps {
  readonly view: View;
  readonly list: ReceivedList;
  readonly invitation: ReceivedInvitation;
  readonly hasReplied: boolean;
  readonly cursor: string | undefined;
}

/** What the member can do with an invitation. One form, whose buttons have an address each. */
function Actions({ view, list, invitation: { invitationId, inviter }, hasReplied, cursor }: ActionsProps) {
  const { texts } = view;
  const address = `/${list}/${invitationId}`;
  return (
    <div class="acts">
      <form method="post" class="acts">
        {cursor && <input type="hidden" name="cursor" value={cursor} />}
        <CommandButton
          view={view}
          action={`${address}/accept`}
          label={texts.accept}
          spokenLabel={texts.acceptFrom(inviter.name)}
          main
        />
        {!hasReplied && (
          <a
            class="button"
            href={`${address}/reply`}
            aria-label={withoutIsolates(texts.replyTo(inviter.name))}
          >
            {texts.reply}
          </a>
        )}
        {list === 'inbox' && (
          <CommandButton
            view={view}
            action={`${address}/ignore`}
            label={texts.ignore}
            spokenLabel={texts.ignoreFrom(inviter.name)}
          />
        )}
        {list === 'archive' && (
          <CommandButton
            view={view}
            action={`${address}/restore`}
            label={texts.restore}
            spokenLabel={texts.restoreFrom(inviter.name)}
          />
        )}
      </form>
      {list === 'archive' && (
        <DeclineForm view={view} invitationId={invitationId} name={inviter.name} cursor={cursor} />
      )}
    </div>
  );
}

interface NextStepsProps {
  readonly view: View;
  readonly notice: NoticeMessage | undefined;
}

/** What to do after a notice: see the new connection, or what else there is to do with an ignored invitation (R23). */
function NextSteps({ view, notice }: NextStepsProps) {
  const { texts } = view;
  if (notice?.place === undefined || notice.other === undefined) return null;
  const { place, other } = notice;
  if (notice.code === 'ignored') {
    return (
      <>
        <CommandForm
          view={view}
          action={`/inbox/${place.invitationId}/restore`}
          label={texts.undo}
          spokenLabel={texts.undoIgnoring(other.name)}
        />
        <a class="button" href="/archive">
          {texts.toArchive}
        </a>
        <DeclineForm view={view} invitationId={place.invitationId} name={other.name} />
      </>
    );
  }
  if (notice.code !== 'accepted') return null;
  return (
    <a class="button" href={`/members/${other.memberId}`}>
      <Sentence>{texts.profileOf(other.name)}</Sentence>
    </a>
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
