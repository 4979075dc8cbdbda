import { languageOf, renderEmail, type Email } from '#libs/mail';
import type { Composition } from '../deliveries/composition.js';

/** R6, R7: the same links as in the invitation, and no address of the inviter. */
export async function composeReminder({ delivery, recipient, about, links }: Composition): Promise<Email> {
  return renderEmail(
    'reminder',
    {
      inviter: { name: about.name, headline: about.headline, profileUrl: links.profile(about) },
      acceptUrl: links.accept(recipient.id, delivery.invitationId),
      inboxUrl: links.inbox,
      preferencesUrl: links.preferences(recipient.id),
    },
    languageOf(recipient.locale),
  );
}
