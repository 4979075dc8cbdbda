import { oneLine } from '../language/clean-text.js';
import { counted, listed } from '../language/counting.js';
import type { Language } from '../language/language.js';
import { Address, Footer, Heading, Link, Name, Paragraph, type Part } from '../layout/blocks.js';
import { COMMON_WORDS, type CommonWords } from './common-words.js';
import type { EmailTemplate, Person } from './email-template.js';

/** To the inviter, when their invitation is accepted (R12). */
export interface AcceptanceEmail {
  /** The recipient of the invitation; connected now, and so their address is told (R14). */
  readonly connection: Person & { readonly email: string };
  readonly summary: ConnectionsSummary;
  readonly preferencesUrl: string;
}

/** A member's connections, as a new connection of theirs is told (R14). */
export interface ConnectionsSummary {
  /** All of them, the new one included. */
  readonly total: number;
  readonly inCommon: number;
  /** Up to three of those in common. */
  readonly namesInCommon: readonly string[];
}

interface Words {
  subject(name: string): string;
  heading(name: Part): Part;
  accepted(name: Part, headline: Part): Part;
  address(email: Part): Part;
  first(name: Part): Part;
  connections(name: Part, total: number): Part;
  inCommon(count: number): string;
  readonly amongThem: string;
  readonly noneInCommon: string;
  readonly why: string;
}

const WORDS: Record<Language, Words> = {
  en: {
    subject: (name) => `Your network has a new member: ${name}`,
    heading: (name) => ['Your network has a new member: ', name],
    accepted: (name, headline) => [
      name,
      headline && [' (', headline, ')'],
      ' has accepted your invitation. You are connected now.',
    ],
    address: (email) => ['E-mail address: ', email],
    first: (name) => ['You are the first connection of ', name, '.'],
    connections: (name, total) => [
      name,
      ` has ${counted('en', total, { one: '# connection', other: '# connections' })}.`,
    ],
    inCommon: (count) =>
      counted('en', count, {
        one: 'You have # connection in common',
        other: 'You have # connections in common',
      }),
    amongThem: ', among them ',
    noneInCommon: 'You have no connections in common yet.',
    why: 'You get this e-mail because your invitation was accepted.',
  },
  ar: {
    subject: (name) => `عضو جديد في شبكتك: ${name}`,
    heading: (name) => ['عضو جديد في شبكتك: ', name],
    accepted: (name, headline) => [
      'تم قبول دعوتك، وأنت الآن على تواصل مع ',
      name,
      headline && [' (', headline, ')'],
      '.',
    ],
    address: (email) => ['البريد الإلكتروني: ', email],
    first: (name) => ['أنت أول جهة اتصال لدى ', name, '.'],
    connections: (name, total) => ['عدد جهات الاتصال لدى ', name, counted('ar', total, { other: ': #.' })],
    inCommon: (count) =>
      counted('ar', count, {
        one: 'بينكما جهة اتصال مشتركة واحدة',
        two: 'بينكما جهتا اتصال مشتركتان',
        few: 'بينكما # جهات اتصال مشتركة',
        other: 'بينكما # جهة اتصال مشتركة',
      }),
    amongThem: '، منها ',
    noneInCommon: 'لا توجد بينكما جهات اتصال مشتركة بعد.',
    why: 'وصلتك هذه الرسالة لأن دعوتك قُبلت.',
  },
};

/** R14: the new member of the network, a link to their profile, their address and a summary of their connections. */
export const acceptanceEmail: EmailTemplate<AcceptanceEmail> = (data, language) => {
  const words = { ...COMMON_WORDS[language], ...WORDS[language] };
  const name = oneLine(data.connection.name) || words.someone;
  const headline = oneLine(data.connection.headline);
  const connection = <Name>{name}</Name>;
  return {
    subject: words.subject(name),
    body: (
      <>
        <Heading>{words.heading(connection)}</Heading>
        <Paragraph>{words.accepted(connection, headline && <Name>{headline}</Name>)}</Paragraph>
        <Paragraph>{words.address(<Address>{data.connection.email}</Address>)}</Paragraph>
        <Link href={data.connection.profileUrl}>{words.profile(connection)}</Link>
        <Paragraph>{summaryOf(data.summary, connection, words, language)}</Paragraph>
        <Footer>
          <Paragraph>{words.why}</Paragraph>
          <Link href={data.preferencesUrl}>{words.preferences}</Link>
        </Footer>
      </>
    ),
  };
};

function summaryOf(
  { total, inCommon, namesInCommon }: ConnectionsSummary,
  connection: Part,
  words: Words & CommonWords,
  language: Language,
): Part {
  if (total <= 1) return words.first(connection);
  if (inCommon === 0) return [words.connections(connection, total), ' ', words.noneInCommon];
  const names = namesInCommon.map((name) => <Name>{oneLine(name) || words.someone}</Name>);
  const before = names.length < inCommon ? words.amongThem : ': ';
  return [
    words.connections(connection, total),
    ' ',
    words.inCommon(inCommon),
    names.length > 0 && [before, listed(language, names)],
    '.',
  ];
}
