import type { RelatedMember } from '#libs/read-models';
import { Layout } from '../layout/layout.js';
import type { View } from '../layout/view.js';
import { CannotSendBanner } from '../layout/cannot-send-banner.js';
import { Isolated } from '../texts/bidi-isolation.js';
import { InvitationForm, type InvitationFormProps } from './invitation-form.js';
import { RelationActions } from './relation.js';

interface InvitePageProps extends Pick<InvitationFormProps, 'written' | 'error'> {
  readonly view: View;
  readonly memberId: string;
  readonly member: RelatedMember;
  /** Whether the recipient's address is required (R34); by default only what the relation says. */
  readonly needsEmail?: boolean;
}

/** D19: invites a member whom the viewer may not know yet. Any profile page of the network can link here. */
export function InvitePage({ view, memberId, member, needsEmail, written, error }: InvitePageProps) {
  const { profile, relation } = member;
  const { texts } = view;
  const form = { ...(written && { written }), error };
  const canInvite = relation.kind === 'none' || error !== undefined;
  return (
    <Layout view={view} title={canInvite ? texts.inviteMember(profile.name) : profile.name}>
      {profile.headline && (
        <p>
          <Isolated>{profile.headline}</Isolated>
        </p>
      )}
      {canInvite ? (
        <>
          {error === undefined && <CannotSendBanner view={view} />}
          <InvitationForm
            view={view}
            action={`/invite/${memberId}`}
            cancelTo="/inbox"
            needsEmail={needsEmail ?? (relation.kind === 'none' && relation.needsEmail)}
            {...form}
          />
        </>
      ) : (
        <RelationActions view={view} memberId={memberId} name={profile.name} relation={relation} />
      )}
    </Layout>
  );
}
