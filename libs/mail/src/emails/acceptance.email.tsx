import { toVisibleLine } from '../language/clean-text.js';
import { formatCount, formatList, type Language } from '../language/language.js';
import { Address, Button, Footer, Heading, Link, Name, Paragraph, type Content } from '../layout/layout.js';
import {
  COMMON_TEXTS,
  type CommonData,
  type CommonTexts,
  type EmailTemplate,
  type Person,
} from './email-template.js';

/** The data of the e-mail to the inviter when their invitation is accepted (R12). */
export interface AcceptanceEmail extends CommonData {
  /** The recipient of the invitation. The two are connected now, so their e-mail address is included if there is one (R14). */
  readonly connection: Person & { readonly email: string | undefined };
  readonly summary: ConnectionsSummary;
}

/** A member's connections, summarised for a new connection of theirs (R14). */
export interface ConnectionsSummary {
  /** The number of all connections, including the new one. */
  readonly total: number;
  readonly inCommon: number;
  /** Names of up to three connections in common. */
  readonly namesInCommon: readonly string[];
}

interface Texts {
  subject(name: string): string;
  heading(name: Content): Content;
  accepted(name: Content, headline: Content): Content;
  address(email: Content): Content;
  first(name: Content): Content;
  connections(name: Content, total: number): Content;
  inCommon(count: number): string;
  readonly amongThem: string;
  readonly noneInCommon: string;
  readonly why: string;
  readonly preheader: string;
}

const TEXTS: Record<Language, Texts> = {
  en: {
    subject: (name) => `Your network has a new member: ${name}`,
    heading: (name) => ['Your network has a new member: ', name],
    accepted: (name, headline) => [
      name,
      headline && [' (', headline, ')'],
      ' accepted your invitation. You’re now connected.',
    ],
    address: (email) => ['E-mail address: ', email],
    first: (name) => ['You are ', name, '’s first connection.'],
    connections: (name, total) => [
      name,
      ` has ${formatCount('en', total, { one: '# connection', other: '# connections' })}.`,
    ],
    inCommon: (count) =>
      formatCount('en', count, {
        one: 'You have # connection in common',
        other: 'You have # connections in common',
      }),
    amongThem: ', among them ',
    noneInCommon: 'You have no connections in common yet.',
    why: 'You’re receiving this because your invitation was accepted.',
    preheader: 'You’re now connected.',
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
    connections: (name, total) => [
      'عدد جهات الاتصال لدى ',
      name,
      formatCount('ar', total, { other: ': #.' }),
    ],
    inCommon: (count) =>
      formatCount('ar', count, {
        one: 'بينكما جهة اتصال مشتركة واحدة',
        two: 'بينكما جهتا اتصال مشتركتان',
        few: 'بينكما # جهات اتصال مشتركة',
        other: 'بينكما # جهة اتصال مشتركة',
      }),
    amongThem: '، منها ',
    noneInCommon: 'لا توجد بينكما جهات اتصال مشتركة بعد.',
    why: 'وصلتك هذه الرسالة لأن دعوتك قُبلت.',
    preheader: 'أنتما الآن على تواصل.',
  },
};

/** R14: names the new connection, links to their profile, and has their address and a summary of their connections. */
export const acceptanceEmail: EmailTemplate<AcceptanceEmail> = (data, language) => {
  const texts = { ...COMMON_TEXTS[language], ...TEXTS[language] };
  const name = toVisibleLine(data.connection.name, texts.someone);
  const headline = toVisibleLine(data.connection.headline, '');
  const connection = <Name>{name}</Name>;
  const { email } = data.connection;
  return {
    subject: texts.subject(name),
    preheader: texts.preheader,
    body: (
      <>
        <Heading>{texts.heading(connection)}</Heading>
        <Paragraph>{texts.accepted(connection, headline && <Name>{headline}</Name>)}</Paragraph>
        {email !== undefined && <Paragraph>{texts.address(<Address>{email}</Address>)}</Paragraph>}
        <Paragraph>{summarizeConnections(data.summary, connection, texts, language)}</Paragraph>
        <Button href={data.connection.profileUrl}>{texts.profile(connection)}</Button>
        <Footer>
          <Paragraph>{texts.why}</Paragraph>
          <Link href={data.preferencesUrl}>{texts.preferences}</Link>
        </Footer>
      </>
    ),
  };
};

function summarizeConnections(
  { total, inCommon, namesInCommon }: ConnectionsSummary,
  connection: Content,
  texts: Texts & CommonTexts,
  language: Language,
): Content {
  if (total <= 1) return texts.first(connection);
  if (inCommon === 0) return [texts.connections(connection, total), ' ', texts.noneInCommon];
  const names = namesInCommon.map((name) => <Name>{toVisibleLine(name, texts.someone)}</Name>);
  const separator = names.length < inCommon ? texts.amongThem : ': ';
  return [
    texts.connections(connection, total),
    ' ',
    texts.inCommon(inCommon),
    names.length > 0 && [separator, formatList(language, names)],
    '.',
  ];
}
