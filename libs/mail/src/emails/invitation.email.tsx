import { linesOf, oneLine } from '../language/clean-text.js';
import type { Language } from '../language/language.js';
import { Button, Footer, Heading, Link, Name, Paragraph, Quote, type Part } from '../layout/blocks.js';
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
  readonly someone: string;
  subject(name: string): string;
  heading(name: Part): Part;
  introduction(name: Part, headline: Part): Part;
  wrote(name: Part): Part;
  readonly accept: string;
  profile(name: Part): Part;
  readonly inbox: string;
  readonly why: string;
  readonly preferences: string;
}

const WORDS: Record<Language, Words> = {
  en: {
    someone: 'A member',
    subject: (name) => `${name} would like to connect`,
    heading: (name) => [name, ' would like to connect'],
    introduction: (name, headline) => [
      name,
      headline && [' (', headline, ')'],
      ' would like to connect with you.',
    ],
    wrote: (name) => [name, ' writes:'],
    accept: 'Accept the invitation',
    profile: (name) => ['Profile of ', name],
    inbox: 'The invitation waits in your inbox',
    why: 'You get this e-mail because a member of the network has invited you.',
    preferences: 'Choose which e-mails you get',
  },
  ar: {
    someone: 'أحد الأعضاء',
    subject: (name) => `دعوة للتواصل من ${name}`,
    heading: (name) => ['دعوة للتواصل من ', name],
    introduction: (name, headline) => [
      'وصلتك دعوة للتواصل من ',
      name,
      headline && [' (', headline, ')'],
      '.',
    ],
    wrote: (name) => ['نص الرسالة من ', name, ':'],
    accept: 'قبول الدعوة',
    profile: (name) => ['الملف الشخصي: ', name],
    inbox: 'الدعوة في انتظارك في صندوق الوارد',
    why: 'وصلتك هذه الرسالة لأن أحد أعضاء الشبكة قد دعاك إلى التواصل.',
    preferences: 'اختيار الرسائل التي تصلك بالبريد الإلكتروني',
  },
};

/** R7: the inviter's profile, the inbox where the invitation waits, and the preferences. */
export const invitationEmail: EmailTemplate<InvitationEmail> = (data, language) => {
  const words = WORDS[language];
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
            <Quote text={message} />
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
