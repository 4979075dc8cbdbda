import { languageOf, renderEmail, type Email } from '#libs/mail';
import type { Composition } from '../deliveries/composition.js';

/** R16: what the recipient wrote, and who they are. The two are not connected, so there is no address of theirs. */
export async function composeReply({ delivery, recipient, about, links }: Composition): Promise<Email> {
  return renderEmail(
    'reply',
    {
      replier: { name: about.name, headline: about.headline, profileUrl: links.profile(about) },
      message: delivery.content.message ?? '',
      preferencesUrl: links.preferences(recipient.id),
    },
    languageOf(recipient.locale),
  );
}
