import { linesOf, oneLine } from '../language/clean-text.js';
import type { Language } from '../language/language.js';
import { Footer, Heading, Link, Name, Paragraph, Quote, type Part } from '../layout/blocks.js';
import { COMMON_WORDS } from './common-words.js';
import type { EmailTemplate, Person } from './email-template.js';

/** To the inviter, when the recipient replies with a message (R16). The two are not connected: it has no address. */
export interface ReplyEmail {
  readonly replier: Person;
  readonly message: string;
  readonly preferencesUrl: string;
}

interface Words {
  subject(name: string): string;
  heading(name: Part): Part;
  replied(name: Part, headline: Part): Part;
  wrote(name: Part): Part;
  later(name: Part): Part;
  readonly why: string;
}

const WORDS: Record<Language, Words> = {
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

/** R16: the text of the reply and who wrote it. R17, R18: it is no refusal, and they may still accept. */
export const replyEmail: EmailTemplate<ReplyEmail> = (data, language) => {
  const words = { ...COMMON_WORDS[language], ...WORDS[language] };
  const name = oneLine(data.replier.name) || words.someone;
  const headline = oneLine(data.replier.headline);
  const replier = <Name>{name}</Name>;
  return {
    subject: words.subject(name),
    body: (
      <>
        <Heading>{words.heading(replier)}</Heading>
        <Paragraph>{words.replied(replier, headline && <Name>{headline}</Name>)}</Paragraph>
        {linesOf(data.message).length > 0 && (
          <>
            <Paragraph>{words.wrote(replier)}</Paragraph>
            <Quote text={data.message} language={language} />
          </>
        )}
        <Paragraph>{words.later(replier)}</Paragraph>
        <Link href={data.replier.profileUrl}>{words.profile(replier)}</Link>
        <Footer>
          <Paragraph>{words.why}</Paragraph>
          <Link href={data.preferencesUrl}>{words.preferences}</Link>
        </Footer>
      </>
    ),
  };
};
