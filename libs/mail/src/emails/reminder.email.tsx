import { oneLine } from '../language/clean-text.js';
import type { Language } from '../language/language.js';
import { Button, Footer, Heading, Link, Name, Paragraph, type Part } from '../layout/blocks.js';
import { COMMON_WORDS } from './common-words.js';
import type { EmailTemplate } from './email-template.js';
import type { InvitationEmail } from './invitation.email.js';

/** To the recipient of an invitation that waits untouched (R6). The message of the invitation went with the invitation. */
export type ReminderEmail = Omit<InvitationEmail, 'message'>;

interface Words {
  subject(name: string): string;
  heading(name: Part): Part;
  waits(name: Part, headline: Part): Part;
  readonly why: string;
}

/** Every reminder of an invitation says the same: a count would only press. */
const WORDS: Record<Language, Words> = {
  en: {
    subject: (name) => `Reminder: ${name} would like to connect`,
    heading: (name) => [name, ' would like to connect'],
    waits: (name, headline) => [
      'An invitation from ',
      name,
      headline && [' (', headline, ')'],
      ' is waiting for you.',
    ],
    why: 'You get this reminder because the invitation has no answer yet.',
  },
  ar: {
    subject: (name) => `تذكير: دعوة للتواصل من ${name}`,
    heading: (name) => ['تذكير: دعوة للتواصل من ', name],
    waits: (name, headline) => [
      'لديك دعوة للتواصل من ',
      name,
      headline && [' (', headline, ')'],
      ' ما زالت في انتظارك.',
    ],
    why: 'وصلك هذا التذكير لأن الدعوة ما زالت دون رد.',
  },
};

/** R7: the same three links as in the invitation, and the one that accepts (R11). */
export const reminderEmail: EmailTemplate<ReminderEmail> = (data, language) => {
  const words = { ...COMMON_WORDS[language], ...WORDS[language] };
  const name = oneLine(data.inviter.name) || words.someone;
  const headline = oneLine(data.inviter.headline);
  const inviter = <Name>{name}</Name>;
  return {
    subject: words.subject(name),
    body: (
      <>
        <Heading>{words.heading(inviter)}</Heading>
        <Paragraph>{words.waits(inviter, headline && <Name>{headline}</Name>)}</Paragraph>
        <Button href={data.acceptUrl}>{words.accept}</Button>
        <Link href={data.inviter.profileUrl}>{words.profile(inviter)}</Link>
        <Link href={data.inboxUrl}>{words.inbox}</Link>
        <Footer>
          <Paragraph>{words.why}</Paragraph>
          <Link href={data.preferencesUrl}>{words.preferences}</Link>
        </Footer>
      </>
    ),
  };
};
