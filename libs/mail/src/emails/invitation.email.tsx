import { toLines, toVisibleLine } from '../language/clean-text.js';
import type { Language } from '../language/language.js';
import { Button, Footer, Heading, Link, Name, Paragraph, Quote, type Content } from '../layout/layout.js';
import {
  COMMON_TEXTS,
  toPreheader,
  type CommonData,
  type EmailTemplate,
  type Person,
} from './email-template.js';

/** The data of the e-mail to the recipient of an invitation (R5). It has no e-mail address of the inviter. */
export interface InvitationEmail extends CommonData {
  readonly inviter: Person;
  readonly message?: string;
  /** A signed link to the page that accepts the invitation (R11, D12). */
  readonly acceptUrl: string;
  /** Where the recipient replies and ignores; undefined if the inbox is not on our pages. */
  readonly replyUrl?: string | undefined;
  readonly ignoreUrl?: string | undefined;
  readonly inboxUrl: string;
}

interface Texts {
  subject(name: string): string;
  heading(name: Content): Content;
  introduction(name: Content, headline: Content): Content;
  /** Introduces the message, where the quotation alone would not do. */
  wrote?(name: Content): Content;
  why(networkName: string | undefined): Content;
  readonly preheader: string;
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
    why: (networkName) => [
      'You’re receiving this because a member of ',
      networkName === undefined ? 'the network' : <Name>{networkName}</Name>,
      ' invited you.',
    ],
    preheader: 'See who it is, and accept, reply or ignore.',
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
    wrote: (name) => ['رسالة ', name, ':'],
    why: (networkName) =>
      networkName === undefined
        ? 'وصلتك هذه الرسالة لورود دعوة للتواصل في الشبكة.'
        : ['وصلتك هذه الرسالة لورود دعوة للتواصل من عضو في ', <Name>{networkName}</Name>, '.'],
    preheader: 'عرض الملف الشخصي، ثم القبول أو الرد أو التجاهل.',
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
    preheader: toPreheader(message, texts.preheader),
    body: (
      <>
        <Heading>{texts.heading(inviter)}</Heading>
        <Paragraph>{texts.introduction(inviter, headline && <Name>{headline}</Name>)}</Paragraph>
        {toLines(message).length > 0 && (
          <>
            {texts.wrote && <Paragraph>{texts.wrote(inviter)}</Paragraph>}
            <Quote text={message} language={language} />
          </>
        )}
        <Button href={data.acceptUrl}>{texts.accept}</Button>
        {data.replyUrl !== undefined && <Link href={data.replyUrl}>{texts.reply}</Link>}
        {data.ignoreUrl !== undefined && <Link href={data.ignoreUrl}>{texts.notNow}</Link>}
        <Link href={data.inviter.profileUrl}>{texts.profile(inviter)}</Link>
        <Link href={data.inboxUrl}>{texts.inbox}</Link>
        <Footer>
          <Paragraph>{texts.why(data.networkName)}</Paragraph>
          <Link href={data.preferencesUrl}>{texts.preferences}</Link>
        </Footer>
      </>
    ),
  };
};
