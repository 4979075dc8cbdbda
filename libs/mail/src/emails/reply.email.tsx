import { toLines, toVisibleLine } from '../language/clean-text.js';
import type { Language } from '../language/language.js';
import { Footer, Heading, Link, Name, Paragraph, Quote, type Content } from '../layout/blocks.js';
import { COMMON_TEXTS, type EmailTemplate, type Person } from './email-template.js';

/** The data of the e-mail to the inviter when the recipient replies (R16). The two are not connected: it has no address. */
export interface ReplyEmail {
  readonly replier: Person;
  readonly message: string;
  readonly preferencesUrl: string;
}

interface Texts {
  subject(name: string): string;
  heading(name: Content): Content;
  replied(name: Content, headline: Content): Content;
  wrote(name: Content): Content;
  later(name: Content): Content;
  readonly why: string;
}

const TEXTS: Record<Language, Texts> = {
  en: {
    subject: (name) => `${name} has replied to your invitation`,
    heading: (name) => [name, ' has replied to your invitation'],
    replied: (name, headline) => [
      'You have a reply from ',
      name,
      headline && [' (', headline, ')'],
      ' to your invitation.',
    ],
    wrote: (name) => [name, ' writes:'],
    later: (name) => ['Your invitation stays open: ', name, ' can still accept it.'],
    why: 'You get this e-mail because your invitation has a reply.',
  },
  ar: {
    subject: (name) => `رد من ${name} على دعوتك`,
    heading: (name) => ['رد من ', name, ' على دعوتك'],
    replied: (name, headline) => ['وصلك رد من ', name, headline && [' (', headline, ')'], ' على دعوتك.'],
    wrote: (name) => ['نص الرد من ', name, ':'],
    later: () => 'ما زالت دعوتك مفتوحة، ويمكن قبولها لاحقًا.',
    why: 'وصلتك هذه الرسالة لأن دعوتك تلقت ردًا.',
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
    body: (
      <>
        <Heading>{texts.heading(replier)}</Heading>
        <Paragraph>{texts.replied(replier, headline && <Name>{headline}</Name>)}</Paragraph>
        {toLines(data.message).length > 0 && (
          <>
            <Paragraph>{texts.wrote(replier)}</Paragraph>
            <Quote text={data.message} language={language} />
          </>
        )}
        <Paragraph>{texts.later(replier)}</Paragraph>
        <Link href={data.replier.profileUrl}>{texts.profile(replier)}</Link>
        <Footer>
          <Paragraph>{texts.why}</Paragraph>
          <Link href={data.preferencesUrl}>{texts.preferences}</Link>
        </Footer>
      </>
    ),
  };
};
