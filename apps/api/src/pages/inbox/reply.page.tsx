import type { ReceivedInvitation } from '#libs/read-models';
import { Layout } from '../layout/layout.js';
import { TextField } from '../layout/components.js';
import type { View } from '../layout/view.js';
import { InvitationCard } from './invitation.card.js';
import type { ReceivedList } from './inbox-or-archive.js';

interface ReplyPageProps {
  readonly view: View;
  readonly list: ReceivedList;
  readonly invitation: ReceivedInvitation;
  readonly message?: string;
  readonly error?: string | undefined;
}

/** R15: a message in place of an acceptance. The form posts to the URL of the page. */
export function ReplyPage({ view, list, invitation, message = '', error }: ReplyPageProps) {
  const { texts } = view;
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
          limit={2000}
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
