import { toLines, toVisibleLine } from '../language/clean-text.js';
import type { Language } from '../language/language.js';
import { Button, Footer, Heading, Link, Name, Paragraph, Quote, type Content } from '../layout/blocks.js';
import { COMMON_TEXTS, type EmailTemplate, type Person } from './email-template.js';

/** The data of the e-mail to the recipient of an invitation (R5). It has no e-mail address of the inviter. */
export interface InvitationEmail {
  readonly inviter: Person;
  readonly message?: string;
  /** A signed link to the page that accepts the invitation (R11, D12). */
  readonly acceptUrl: string;
  readonly inboxUrl: string;
  readonly preferencesUrl: string;
}

interface Texts {
  subject(name: string): string;
  heading(name: Content): Content;
  introduction(name: Content, headline: Content): Content;
  wrote(name: Content): Content;
  readonly why: string;
}

const TEXTS: Record<Language, Texts> = {
  en: {
    subject: (name) => `${name} would like to connect`,
    heading: (name) => [name, ' would like to connect'],
    introduction: (name, headline) => [
      name,
      headline && [' (', headline, ')'],
      ' would like to connect with you.',
    ],
    wrote: (name) => [name, ' writes:'],
    why: 'You get this e-mail because a member of the network has invited you.',
  },
  ar: {
    subject: (name) => `دعوة للتواصل من ${name}`,
    heading: (name) => ['دعوة للتواصل من ', name],
    introduction: (name, headline) => [
      'وصلتك دعوة للتواصل من ',
      name,
      headline && [' (', headline, ')'],
      '.',
    ],
    wrote: (name) => ['نص الرسالة من ', name, ':'],
    why: 'وصلتك هذه الرسالة لأنك تلقيت دعوة للتواصل في الشبكة.',
  },
};

/** R7: links to the inviter's profile, the inbox and the preferences. */
export const invitationEmail: EmailTemplate<InvitationEmail> = (data, language) => {
  const texts = { ...COMMON_TEXTS[language], ...TEXTS[language] };
  const name = toVisibleLine(data.inviter.name, texts.someone);
  const headline = toVisibleLine(data.inviter.headline, '');
  const message = data.message ?? '';
  const inviter = <Name>{name}</Name>;
  return {
    subject: texts.subject(name),
    body: (
      <>
        <Heading>{texts.heading(inviter)}</Heading>
        <Paragraph>{texts.introduction(inviter, headline && <Name>{headline}</Name>)}</Paragraph>
        {toLines(message).length > 0 && (
          <>
            <Paragraph>{texts.wrote(inviter)}</Paragraph>
            <Quote text={message} language={language} />
          </>
        )}
        <Button href={data.acceptUrl}>{texts.accept}</Button>
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
