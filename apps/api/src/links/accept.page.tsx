import type { WaitingInvitation } from '#libs/read-models';
import { InvitationCard } from '../pages/invitation.card.js';
import { Layout } from '../pages/layout.js';
import type { Texts } from '../pages/texts.js';

interface AcceptPageProps {
  readonly texts: Texts;
  readonly invitation: WaitingInvitation;
}

/** D12: the link shows; only the button acts. The form goes to the address that shows it. */
export function AcceptPage({ texts, invitation }: AcceptPageProps) {
  return (
    <Layout texts={texts} title={texts.wantsToConnect(invitation.inviter.name)}>
      <InvitationCard texts={texts} invitation={invitation}>
        <form method="post">
          <button type="submit">{texts.accept}</button>
        </form>
      </InvitationCard>
    </Layout>
  );
}
