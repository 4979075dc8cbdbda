import type { WaitingInvitation } from '#libs/read-models';
import { Layout } from '../frame/layout.js';
import { TextField } from '../text-field.js';
import type { View } from '../view.js';
import { InvitationCard } from './invitation.card.js';
import type { WaitingList } from './waiting-list.js';

interface ReplyPageProps {
  readonly view: View;
  readonly list: WaitingList;
  readonly invitation: WaitingInvitation;
  readonly message?: string;
  readonly error?: string | undefined;
}

/** R15: a message in place of an acceptance. The form goes to the address that shows it. */
export function ReplyPage({ view, list, invitation, message = '', error }: ReplyPageProps) {
  const { texts } = view;
  return (
    <Layout view={view} title={texts.replyTo(invitation.inviter.name)} current={list}>
      <InvitationCard texts={texts} invitation={invitation} />
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
