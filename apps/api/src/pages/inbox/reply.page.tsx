import type { ReceivedInvitation } from '#libs/read-models';
import { Layout } from '../layout/layout.js';
import { CommandForm, TextField } from '../layout/components.js';
import type { View } from '../layout/view.js';
import { REPLY_LIMIT } from '../support/text-length.js';
import { InvitationCard } from './invitation.card.js';
import type { ReceivedList } from './inbox-or-archive.js';

interface ReplyPageProps {
  readonly view: View;
  readonly list: ReceivedList;
  readonly invitation: ReceivedInvitation;
  /** There is one reply to an invitation: after it the page offers to accept (R18). */
  readonly hasReplied?: boolean;
  readonly message?: string;
  readonly error?: string | undefined;
}

/** R15: a message in place of an acceptance. The form posts to the URL of the page. */
export function ReplyPage({
  view,
  list,
  invitation,
  hasReplied = false,
  message = '',
  error,
}: ReplyPageProps) {
  const { texts } = view;
  if (hasReplied) return <RepliedPage view={view} list={list} invitation={invitation} />;
  return (
    <Layout view={view} title={texts.replyTo(invitation.inviter.name)} current={list}>
      <InvitationCard view={view} invitation={invitation} />
      <form method="post" action={`/${list}/${invitation.invitationId}/reply`} class="card">
        <input type="hidden" name="commandId" value={view.newCommandId()} />
        {error && (
          <p id="error" role="alert" class="said bad" tabindex={-1} autofocus>
            {error}
          </p>
        )}
        <TextField
          texts={texts}
          name="message"
          label={texts.replyText}
          hint={texts.replyHint}
          value={message}
          limit={REPLY_LIMIT}
          required
          error={error && 'error'}
        />
        <div class="acts">
          <button type="submit" class="main">
            {texts.sendReply}
          </button>
          <a class="button" href={`/${list}`}>
            {texts.cancel}
          </a>
        </div>
      </form>
    </Layout>
  );
}

function RepliedPage({ view, list, invitation }: Pick<ReplyPageProps, 'view' | 'list' | 'invitation'>) {
  const { texts } = view;
  const { invitationId, inviter } = invitation;
  return (
    <Layout view={view} title={texts.replyTo(inviter.name)} current={list}>
      <InvitationCard view={view} invitation={invitation}>
        <p class="soft">{texts.haveReplied}</p>
      </InvitationCard>
      <div class="acts">
        <CommandForm
          view={view}
          action={`/${list}/${invitationId}/accept`}
          label={texts.accept}
          spokenLabel={texts.acceptFrom(inviter.name)}
          main
        />
        <a class="button" href={`/${list}`}>
          {list === 'inbox' ? texts.toInbox : texts.toArchive}
        </a>
      </div>
    </Layout>
  );
}
