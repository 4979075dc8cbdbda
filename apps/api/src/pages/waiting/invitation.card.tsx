import type { ComponentChildren } from 'preact';
import type { WaitingInvitation } from '#libs/read-models';
import { Isolated, Sentence } from '../texts/isolate.js';
import type { Texts } from '../texts/texts.js';
import { webAddress } from '../web-address.js';

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
      <h2>
        <Isolated>{inviter.name}</Isolated>
      </h2>
      {inviter.headline && (
        <p>
          <Isolated>{inviter.headline}</Isolated>
        </p>
      )}
      {message && <blockquote dir="auto">{message}</blockquote>}
      <p class="soft small">
        {texts.sentOn} <time datetime={sentAt}>{texts.date(new Date(sentAt))}</time>
      </p>
      {profile && (
        <a class="profile" href={profile}>
          <span>
            <Sentence>{texts.profileOf(inviter.name)}</Sentence>
          </span>
        </a>
      )}
      {children}
    </article>
  );
}
