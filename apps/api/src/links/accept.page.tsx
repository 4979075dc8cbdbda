import type { WaitingInvitation } from '#libs/read-models';
import { Layout } from '../pages/frame/layout.js';
import { NoticePage } from '../pages/notice.page.js';
import type { View } from '../pages/view.js';
import { InvitationCard } from '../pages/waiting/invitation.card.js';

/** What the forms call the number of the press: of a new one, and of one whose outcome is awaited. */
export const PRESS = 'press';
export const LOOK = 'look';

interface PressProps {
  readonly view: View;
  readonly press: string;
}

interface AcceptPageProps extends PressProps {
  readonly invitation: WaitingInvitation;
}

/** D12: the link shows; only the button acts. The form goes to the address that shows it. */
export function AcceptPage({ view, invitation, press }: AcceptPageProps) {
  return (
    <Layout view={view} title={view.texts.wantsToConnect(invitation.inviter.name)}>
      <InvitationCard texts={view.texts} invitation={invitation}>
        <Press name={PRESS} press={press} label={view.texts.accept} />
      </InvitationCard>
    </Layout>
  );
}

/** Looking again is no press of its own. */
export function StillUnderWayPage({ view, press }: PressProps) {
  const { underWay, underWayText, lookAgain } = view.texts;
  return (
    <NoticePage view={view} title={underWay} text={underWayText}>
      <Press name={LOOK} press={press} label={lookAgain} />
    </NoticePage>
  );
}

interface FormProps {
  readonly name: string;
  readonly press: string;
  readonly label: string;
}

const Press = ({ name, press, label }: FormProps) => (
  <form method="post" class="acts">
    <input type="hidden" name={name} value={press} />
    <button type="submit" class="main">
      {label}
    </button>
  </form>
);
