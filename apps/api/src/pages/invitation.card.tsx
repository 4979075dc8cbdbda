import type { ComponentChildren } from 'preact';
import type { WaitingInvitation } from '#libs/read-models';
import { webAddress } from './web-address.js';
import type { Texts } from './texts.js';

interface InvitationCardProps {
  readonly texts: Texts;
  readonly invitation: WaitingInvitation;
  readonly children?: ComponentChildren;
}

/** Who invites, what they say, since when. */
export function InvitationCard({ texts, invitation, children }: InvitationCardProps) {
  const { inviter, message, sentAt } = invitation;
  const profile = webAddress(inviter.profileUrl);
  return (
    <article>
      <h2>{inviter.name}</h2>
      {inviter.headline && <p>{inviter.headline}</p>}
      {message && <blockquote dir="auto">{message}</blockquote>}
      <p class="soft">
        {texts.sent} <time datetime={sentAt}>{texts.date(new Date(sentAt))}</time>
      </p>
      {profile && (
        <p>
          <a href={profile}>{texts.profileOf(inviter.name)}</a>
        </p>
      )}
      {children}
    </article>
  );
}
