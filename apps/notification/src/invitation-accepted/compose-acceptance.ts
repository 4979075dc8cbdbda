import { languageOf, renderEmail, type Email } from '#libs/mail';
import { findConnectionsSummary } from '../connections/connections-summary.query.js';
import type { Composition } from '../deliveries/composition.js';

/** R14: the new member of the network, with address and a summary of their connections. */
export async function composeAcceptance({ db, recipient, about, links }: Composition): Promise<Email> {
  return renderEmail(
    'acceptance',
    {
      connection: {
        name: about.name,
        headline: about.headline,
        email: about.email,
        profileUrl: links.profile(about),
      },
      summary: await findConnectionsSummary(db, about.id, recipient.id),
      preferencesUrl: links.preferences(recipient.id),
    },
    languageOf(recipient.locale),
  );
}
