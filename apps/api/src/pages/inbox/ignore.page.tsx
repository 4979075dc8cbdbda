import type { ReceivedInvitation } from '#libs/read-models';
import { CommandForm } from '../layout/components.js';
import { Layout } from '../layout/layout.js';
import { Sentence } from '../texts/bidi-isolation.js';
import type { View } from '../layout/view.js';
import { InvitationCard } from './invitation.card.js';

interface IgnorePageProps {
  readonly view: View;
  readonly invitation: ReceivedInvitation;
}

/** Where "Not now" in an e-mail leads: opening the page changes nothing, its button ignores (D12, R19). */
export function IgnorePage({ view, invitation }: IgnorePageProps) {
  const { texts } = view;
  const { invitationId, inviter } = invitation;
  return (
    <Layout view={view} title={texts.ignoreFrom(inviter.name)} windowTitle={texts.ignore} current="inbox">
      <InvitationCard view={view} invitation={invitation} />
      <p>
        <Sentence>{texts.ignoreText(inviter.name)}</Sentence>
      </p>
      <div class="acts">
        <CommandForm view={view} action={`/inbox/${invitationId}/ignore`} label={texts.ignore} main />
        <a class="button" href="/inbox">
          {texts.cancel}
        </a>
      </div>
    </Layout>
  );
}
