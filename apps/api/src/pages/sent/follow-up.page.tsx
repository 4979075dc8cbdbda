import { InvitationForm } from '../invite/invitation-form.js';
import { Layout } from '../layout/layout.js';
import { CannotSendBanner } from '../layout/cannot-send-banner.js';
import type { View } from '../layout/view.js';

interface FollowUpPageProps {
  readonly view: View;
  readonly invitationId: string;
  readonly name: string;
  /** Whether the earlier invitation was withdrawn or has expired. */
  readonly closed: boolean;
  /** Whether the recipient's address is required (R34). */
  readonly needsEmail: boolean;
  readonly written?: { readonly message: string; readonly email: string };
  readonly error?: { readonly text: string; readonly ofEmail: boolean } | undefined;
}

/** R21: another invitation to the same member. The form posts to the URL of the page. */
export function FollowUpPage({ view, invitationId, name, closed, ...form }: FollowUpPageProps) {
  const { texts } = view;
  return (
    <Layout view={view} title={closed ? texts.inviteAgainTo(name) : texts.followUpWith(name)} current="sent">
      {form.error === undefined && <CannotSendBanner view={view} />}
      <InvitationForm view={view} action={`/sent/${invitationId}/follow-up`} cancelTo="/sent" {...form}>
        {!closed && <p>{texts.followUpText}</p>}
      </InvitationForm>
    </Layout>
  );
}
