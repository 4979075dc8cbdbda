import { toVisibleLine } from '../language/clean-text.js';
import type { Language } from '../language/language.js';
import { Button, Footer, Heading, Link, Name, Paragraph, type Content } from '../layout/layout.js';
import { COMMON_TEXTS, type EmailTemplate } from './email-template.js';
import type { InvitationEmail } from './invitation.email.js';

/** The data of the reminder to the recipient of a pending invitation (R6). It does not repeat the inviter's message. */
export type ReminderEmail = Omit<InvitationEmail, 'message'>;

interface Texts {
  subject(name: string): string;
  heading(name: Content): Content;
  waits(name: Content, headline: Content): Content;
  readonly why: string;
  readonly preheader: string;
}

/** All reminders of an invitation have the same text: counting them would only put pressure on the reader. */
const TEXTS: Record<Language, Texts> = {
  en: {
    subject: (name) => `Reminder: ${name} would like to connect`,
    heading: (name) => [name, ' would like to connect'],
    waits: (name, headline) => [
      'An invitation from ',
      name,
      headline && [' (', headline, ')'],
      ' is waiting for you.',
    ],
    why: 'You’re receiving this reminder because you haven’t answered the invitation yet.',
    preheader: 'Accept, reply or ignore, whenever it suits you.',
  },
  ar: {
    subject: (name) => `تذكير: دعوة للتواصل من ${name}`,
    heading: (name) => ['تذكير: دعوة للتواصل من ', name],
    waits: (name, headline) => [
      'لديك دعوة للتواصل من ',
      name,
      headline && [' (', headline, ')'],
      ' ما زالت في انتظار ردك.',
    ],
    why: 'وصلك هذا التذكير لأن الدعوة ما زالت دون رد.',
    preheader: 'القبول أو الرد أو التجاهل، في أي وقت.',
  },
};

/** R7: the same links as in the invitation, among them the one that accepts (R11). */
export const reminderEmail: EmailTemplate<ReminderEmail> = (data, language) => {
  const texts = { ...COMMON_TEXTS[language], ...TEXTS[language] };
  const name = toVisibleLine(data.inviter.name, texts.someone);
  const headline = toVisibleLine(data.inviter.headline, '');
  const inviter = <Name>{name}</Name>;
  return {
    subject: texts.subject(name),
    preheader: texts.preheader,
    body: (
      <>
        <Heading>{texts.heading(inviter)}</Heading>
        <Paragraph>{texts.waits(inviter, headline && <Name>{headline}</Name>)}</Paragraph>
        <Button href={data.acceptUrl}>{texts.accept}</Button>
        {data.replyUrl !== undefined && <Link href={data.replyUrl}>{texts.reply}</Link>}
        {data.ignoreUrl !== undefined && <Link href={data.ignoreUrl}>{texts.notNow}</Link>}
        <Link href={data.inviter.profileUrl}>{texts.profile(inviter)}</Link>
        <Link href={data.inboxUrl}>{texts.inbox}</Link>
        <Footer>
          <Paragraph>{texts.why}</Paragraph>
          <Link href={data.preferencesUrl}>{texts.preferences}</Link>
        </Footer>
      </>
    ),
  };
};
