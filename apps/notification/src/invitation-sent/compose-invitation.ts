import { languageOf, renderEmail, type Email } from '#libs/mail';
import type { Composition } from '../deliveries/composition.js';

/** R5, R7: the initial e-mail, without the inviter's address. */
export async function composeInvitation({ delivery, recipient, about, links }: Composition): Promise<Email> {
  const { message } = delivery.content;
  return renderEmail(
    'invitation',
    {
      inviter: { name: about.name, headline: about.headline, profileUrl: links.profile(about) },
      ...(message === undefined ? {} : { message }),
      acceptUrl: links.accept(recipient.id, delivery.invitationId),
      inboxUrl: links.inbox,
      preferencesUrl: links.preferences(recipient.id),
    },
    languageOf(recipient.locale),
  );
}
