import type { ComponentChildren } from 'preact';
import type { ReceivedInvitation } from '#libs/read-models';
import { Avatar, When } from '../layout/components.js';
import { Isolated } from '../texts/bidi-isolation.js';
import type { View } from '../layout/view.js';
import { toWebUrl } from '../../http/web-url.js';

interface InvitationCardProps {
  readonly view: View;
  readonly invitation: ReceivedInvitation;
  /** Connections that the recipient has in common with the inviter, where they are counted. */
  readonly inCommon?: number | undefined;
  /** Whether the actions stand beside the inviter where there is room. */
  readonly inline?: boolean;
  readonly children?: ComponentChildren;
}

/** Shows who invites, their message and when they sent it. */
export function InvitationCard({
  view,
  invitation,
  inCommon,
  inline = false,
  children,
}: InvitationCardProps) {
  const { inviter, message, sentAt } = invitation;
  return (
    <article class={inline ? 'inline' : undefined}>
      <Avatar name={inviter.name} />
      <div class="head">
        <Person {...inviter} />
        {inCommon !== undefined && <span class="soft small">{view.texts.inCommon(inCommon)}</span>}
        <When view={view} label={view.texts.received} at={sentAt} />
      </div>
      {message && <blockquote dir="auto">{message}</blockquote>}
      {children}
    </article>
  );
}

interface PersonProps {
  readonly name: string;
  readonly headline: string;
  readonly profileUrl: string;
}

/** A member's name and headline, which link to their profile where they have one. */
export function Person({ name, headline, profileUrl }: PersonProps) {
  const profile = toWebUrl(profileUrl);
  const content = (
    <>
      <h2>
        <Isolated>{name}</Isolated>
      </h2>
      {headline && (
        <span class="soft small">
          <Isolated>{headline}</Isolated>
        </span>
      )}
    </>
  );
  return profile === undefined ? (
    <div class="who">{content}</div>
  ) : (
    <a class="who" href={profile}>
      {content}
    </a>
  );
}
