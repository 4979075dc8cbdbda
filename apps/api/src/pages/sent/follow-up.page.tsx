import { InvitationForm } from '../invite/invitation-form.js';
import { Layout } from '../layout/layout.js';
import { RestrictedBanner } from '../layout/restricted-banner.js';
import type { View } from '../layout/view.js';

interface FollowUpPageProps {
  readonly view: View;
  readonly invitationId: string;
  readonly name: string;
  /** Whether the recipient's address is required (R34). */
  readonly needsEmail: boolean;
  readonly written?: { readonly message: string; readonly email: string };
  readonly error?: { readonly text: string; readonly ofEmail: boolean } | undefined;
}

/** R21: another invitation to the same member. The form posts to the URL of the page. */
export function FollowUpPage({ view, invitationId, name, ...form }: FollowUpPageProps) {
  const { texts } = view;
  return (
    <Layout
      view={view}
      title={form.needsEmail ? texts.inviteAgainTo(name) : texts.followUpWith(name)}
      current="sent"
    >
      {view.member?.isRestricted && form.error === undefined && <RestrictedBanner view={view} />}
      <InvitationForm view={view} action={`/sent/${invitationId}/follow-up`} cancelTo="/sent" {...form}>
        <p>{texts.followUpText}</p>
      </InvitationForm>
    </Layout>
  );
}
