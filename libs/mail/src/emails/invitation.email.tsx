import { linesOf, oneLine } from '../language/clean-text.js';
import type { Language } from '../language/language.js';
import { Button, Footer, Heading, Link, Name, Paragraph, Quote, type Part } from '../layout/blocks.js';
import { COMMON_WORDS } from './common-words.js';
import type { EmailTemplate, Person } from './email-template.js';

/** To the recipient of an invitation, once (R5). It has no e-mail address of the inviter. */
export interface InvitationEmail {
  readonly inviter: Person;
  readonly message?: string;
  /** A signed link to a page that accepts (R11, D12). */
  readonly acceptUrl: string;
  readonly inboxUrl: string;
  readonly preferencesUrl: string;
}

interface Words {
  subject(name: string): string;
  heading(name: Part): Part;
  introduction(name: Part, headline: Part): Part;
  wrote(name: Part): Part;
  readonly why: string;
}

const WORDS: Record<Language, Words> = {
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

/** R7: the inviter's profile, the inbox where the invitation waits, and the preferences. */
export const invitationEmail: EmailTemplate<InvitationEmail> = (data, language) => {
  const words = { ...COMMON_WORDS[language], ...WORDS[language] };
  const name = oneLine(data.inviter.name) || words.someone;
  const headline = oneLine(data.inviter.headline);
  const message = data.message ?? '';
  const inviter = <Name>{name}</Name>;
  return {
    subject: words.subject(name),
    body: (
      <>
        <Heading>{words.heading(inviter)}</Heading>
        <Paragraph>{words.introduction(inviter, headline && <Name>{headline}</Name>)}</Paragraph>
        {linesOf(message).length > 0 && (
          <>
            <Paragraph>{words.wrote(inviter)}</Paragraph>
            <Quote text={message} language={language} />
          </>
        )}
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
