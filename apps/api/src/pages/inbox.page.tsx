import type { WaitingInvitation } from '#libs/read-models';
import { InvitationCard } from './invitation.card.js';
import { Layout } from './layout.js';
import type { Texts } from './texts.js';

interface InboxPageProps {
  readonly texts: Texts;
  readonly invitations: readonly WaitingInvitation[];
  /** The cursor of older ones. */
  readonly next?: string | undefined;
  /** An id for the command that a form sends: the same for every press of the same button (D10). */
  readonly newCommandId: () => string;
}

/** R9: what waits for the member's answer. */
export function InboxPage({ texts, invitations, next, newCommandId }: InboxPageProps) {
  return (
    <Layout texts={texts} title={texts.inbox}>
      {invitations.length === 0 && <p>{texts.inboxIsEmpty}</p>}
      <ul>
        {invitations.map((invitation) => (
          <li key={invitation.invitationId}>
            <InvitationCard texts={texts} invitation={invitation}>
              <form method="post" action={`/inbox/${invitation.invitationId}/accept`}>
                <input type="hidden" name="commandId" value={newCommandId()} />
                <button type="submit" aria-label={texts.acceptFrom(invitation.inviter.name)}>
                  {texts.accept}
                </button>
              </form>
            </InvitationCard>
          </li>
        ))}
      </ul>
      {next && (
        <p>
          <a href={`/inbox?cursor=${encodeURIComponent(next)}`}>{texts.older}</a>
        </p>
      )}
    </Layout>
  );
}
