import type { ComponentChildren } from 'preact';
import type { ReceivedInvitation } from '#libs/read-models';
import { Isolated, Sentence } from '../texts/bidi-isolation.js';
import type { Texts } from '../texts/texts.js';
import { toWebUrl } from '../../http/web-url.js';

interface InvitationCardProps {
  readonly texts: Texts;
  readonly invitation: ReceivedInvitation;
  readonly children?: ComponentChildren;
}

/** Shows who invites, their message and the date. */
export function InvitationCard({ texts, invitation, children }: InvitationCardProps) {
  const { inviter, message, sentAt } = invitation;
  const profile = toWebUrl(inviter.profileUrl);
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
