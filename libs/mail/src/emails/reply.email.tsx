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

/** The data of the e-mail to the inviter when the recipient replies (R16). The two are not connected: it has no address. */
export interface ReplyEmail extends CommonData {
  readonly replier: Person;
  readonly message: string;
  /** Where the inviter sees the invitation with its reply; undefined if that is not on our pages. */
  readonly sentUrl?: string | undefined;
}

interface Texts {
  subject(name: string): string;
  heading(name: Content): Content;
  replied(name: Content, headline: Content): Content;
  /** Introduces the message, where the quotation alone would not do. */
  wrote?(name: Content): Content;
  later(name: Content): Content;
  /** Where an answer goes: the sender's address is not the replier's. */
  answer(name: Content): Content;
  why(name: Content): Content;
  readonly preheader: string;
}

const TEXTS: Record<Language, Texts> = {
  en: {
    subject: (name) => `${name} replied to your invitation`,
    heading: (name) => [name, ' replied to your invitation'],
    replied: (name, headline) => [name, headline && [' (', headline, ')'], ' replied to your invitation.'],
    later: (name) => ['Your invitation stays open: ', name, ' can still accept it.'],
    answer: (name) => [
      'Replies to this e-mail don’t reach ',
      name,
      '. You can follow up from your sent invitations.',
    ],
    why: (name) => ['You’re receiving this because ', name, ' replied to your invitation.'],
    preheader: 'Your invitation stays open.',
  },
  ar: {
    subject: (name) => `رد من ${name} على دعوتك`,
    heading: (name) => ['رد من ', name, ' على دعوتك'],
    replied: (name, headline) => ['وصلك رد من ', name, headline && [' (', headline, ')'], ' على دعوتك.'],
    wrote: (name) => ['رد ', name, ':'],
    later: () => 'ما زالت دعوتك مفتوحة، ويمكن قبولها لاحقًا.',
    answer: (name) => [
      'الرد على هذه الرسالة لا يصل إلى ',
      name,
      '. يمكن إرسال دعوة متابعة من صفحة الدعوات المرسلة.',
    ],
    why: () => 'وصلتك هذه الرسالة لورود رد على دعوتك.',
    preheader: 'ما زالت دعوتك مفتوحة.',
  },
};

/** R16: the text of the reply and its author. R17, R18: a reply is not a refusal, and they may still accept. */
export const replyEmail: EmailTemplate<ReplyEmail> = (data, language) => {
  const texts = { ...COMMON_TEXTS[language], ...TEXTS[language] };
  const name = toVisibleLine(data.replier.name, texts.someone);
  const headline = toVisibleLine(data.replier.headline, '');
  const replier = <Name>{name}</Name>;
  return {
    subject: texts.subject(name),
    preheader: toPreheader(data.message, texts.preheader),
    body: (
      <>
        <Heading>{texts.heading(replier)}</Heading>
        <Paragraph>{texts.replied(replier, headline && <Name>{headline}</Name>)}</Paragraph>
        {toLines(data.message).length > 0 && (
          <>
            {texts.wrote && <Paragraph>{texts.wrote(replier)}</Paragraph>}
            <Quote text={data.message} language={language} />
          </>
        )}
        <Paragraph>{texts.later(replier)}</Paragraph>
        <Paragraph>{texts.answer(replier)}</Paragraph>
        {data.sentUrl !== undefined && <Button href={data.sentUrl}>{texts.sent}</Button>}
        <Link href={data.replier.profileUrl}>{texts.profile(replier)}</Link>
        <Footer>
          <Paragraph>{texts.why(replier)}</Paragraph>
          <Link href={data.preferencesUrl}>{texts.preferences}</Link>
        </Footer>
      </>
    ),
  };
};
