import { randomBytes } from 'node:crypto';
import type { Email, MailKind } from '../emails/render-email.js';
import {
  appendToHeader,
  encodeWords,
  fold,
  formatHeader,
  formatUnfoldedHeader,
  needsSmtpUtf8,
  extractAddress,
} from './header.js';
import { toVisibleLine } from '../language/clean-text.js';
import type { Language } from '../language/language.js';

export interface MessageHeaders {
  /** An address, or `Name <address>`. */
  readonly from: string;
  readonly to: string;
  readonly messageId: string;
  /** The Message-ID of the first e-mail of the thread. */
  readonly thread?: string;
  /** Names the kind of e-mail, so that mail programs can sort it (RFC 2919): `replies.network.example`. */
  readonly listId?: string;
  readonly unsubscribeUrl: string;
}

const CRLF = '\r\n';

/**
 * Composes the bytes of an e-mail with a text and an HTML part (RFC 2046, multipart/alternative). The README of this folder
 * says why nodemailer does not do it.
 */
export function composeMessage(headers: MessageHeaders, { subject, text, html }: Email, at: Date): Buffer {
  const { from, to, messageId, thread, listId, unsubscribeUrl } = headers;
  const boundary = `part-${randomBytes(12).toString('base64url')}`;
  const head = [
    formatFromHeader(from),
    formatUnfoldedHeader('To', to),
    formatHeader('Subject', subject),
    formatUnfoldedHeader('Message-ID', messageId),
    ...(thread === undefined
      ? []
      : [formatUnfoldedHeader('In-Reply-To', thread), formatUnfoldedHeader('References', thread)]),
    `Date: ${at.toUTCString().replace('GMT', '+0000')}`,
    // Prevents vacation replies (RFC 3834), and lets mail clients unsubscribe with one POST (RFC 8058).
    'Auto-Submitted: auto-generated',
    ...(listId === undefined ? [] : [formatUnfoldedHeader('List-Id', `<${listId}>`)]),
    formatUnfoldedHeader('List-Unsubscribe', `<${toAsciiUrl(unsubscribeUrl)}>`),
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
  ].join(CRLF);
  const part = (type: string) =>
    `${CRLF}--${boundary}${CRLF}Content-Type: ${type}; charset=utf-8${CRLF}` +
    `Content-Transfer-Encoding: quoted-printable${CRLF}${CRLF}`;
  return Buffer.concat([
    Buffer.from(`${head}${CRLF}${part('text/plain')}`),
    encodeQuotedPrintable(text),
    Buffer.from(part('text/html')),
    encodeQuotedPrintable(html),
    Buffer.from(`${CRLF}--${boundary}--${CRLF}`),
  ]);
}

/** The URLs are ours, so only the host can be non-ASCII. */
const toAsciiUrl = (url: string): string => (needsSmtpUtf8(url) ? new URL(url).href : url);

/** Formats the sender. The name may be in any language; it is quoted if necessary. */
function formatFromHeader(from: string): string {
  const [, name = '', address] = /^(.*?)\s*<([^<>]*)>$/s.exec(from) ?? [];
  if (address === undefined || name.trim() === '') return formatUnfoldedHeader('From', from);
  const unquoted = name.trim().replace(/^"(.*)"$/s, '$1');
  const start = 'From: ';
  const written = toPhrase(unquoted);
  const plain = written === undefined ? undefined : fold(`${start}${written}`);
  return appendToHeader(
    plain ?? `${start}${encodeWords(unquoted, start.length)}`,
    `<${address.replaceAll(/\p{Cc}/gu, '')}>`,
  );
}

/** A name as a phrase before an address (RFC 5322, 3.2.5); undefined if it must be encoded. */
function toPhrase(name: string): string | undefined {
  if (/^[\w !#$%&'*+/?^{|}~-]*$/.test(name)) return name;
  if (!/^[\u0020-\u007e]*$/.test(name) || name.includes('=?')) return undefined;
  return `"${name.replaceAll(/[\\"]/g, '\\$&')}"`;
}

/** Identifies an e-mail: the event, the recipient, the kind, and the invitation that it is about. */
export interface MailKey {
  readonly eventId: string;
  readonly recipientId: string;
  readonly kind: MailKind;
  readonly invitationId: string;
}

/**
 * The Message-ID. It is the same for every attempt at one e-mail, so that a mailbox can detect a duplicate (RFC 5322,
 * 3.6.4).
 */
export const formatMessageId = (mail: MailKey, domain: string): string =>
  mail.kind === 'invitation'
    ? `<${mail.invitationId}.invitation@${domain}>`
    : `<${mail.eventId}.${mail.kind}.${mail.recipientId}@${domain}>`;

const VIA: Readonly<Record<Language, string>> = { en: 'via', ar: 'عبر' };

/**
 * Formats a sender that names the member whom the e-mail is about: `Elena Kowalski via Network <address>`. The address stays
 * the service's. A name that could be taken for an address leaves the sender as it is, as does a network without a name.
 * @param from an address, or `Name <address>`
 */
export function formatMemberSender(
  from: string,
  memberName: string,
  networkName: string | undefined,
  language: Language,
): string {
  const name = toVisibleLine(memberName, '');
  const address = extractAddress(from);
  const network = networkName ?? from.slice(0, -`<${address}>`.length).trim().replaceAll('"', '');
  if (name === '' || network === '' || /[@<>]/.test(name)) return from;
  return `${name} ${VIA[language]} ${network} <${address}>`;
}

/** The longest line (RFC 2045, 6.7), including the `=` of a soft line break. */
const MAX_LINE = 76;

const [TAB, LF, CR, SPACE, EQUALS] = [0x09, 0x0a, 0x0d, 0x20, 0x3d];
const HEX = Buffer.from('0123456789ABCDEF');

/** Bytes that are written as they are anywhere in a line: printable ASCII except `=`. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > SPACE && byte < 0x7f && byte !== EQUALS ? 1 : 0,
);

/**
 * Encodes text as quoted-printable (RFC 2045) with CRLF line ends. It works on bytes in one buffer, because every e-mail
 * passes through it twice.
 */
export function encodeQuotedPrintable(text: string): Buffer {
  const bytes = Buffer.from(text);
  // In the worst case each byte takes three, with a soft line break after every 25.
  const out = Buffer.allocUnsafe(Math.ceil(bytes.length * 3.2) + 16);
  let at = 0;
  let column = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]!;
    const next = bytes[index + 1];
    if (byte === LF || (byte === CR && next === LF)) {
      if (byte === CR) index += 1;
      out[at++] = CR;
      out[at++] = LF;
      column = 0;
      continue;
    }
    const endsLine = next === undefined || next === LF || (next === CR && bytes[index + 2] === LF);
    // Mail servers may remove spaces at the end of a line, so these are encoded.
    const plain = isPlain[byte] === 1 || ((byte === SPACE || byte === TAB) && !endsLine);
    const width = plain ? 1 : 3;
    if (column + width > MAX_LINE - (endsLine ? 0 : 1)) {
      out[at++] = EQUALS;
      out[at++] = CR;
      out[at++] = LF;
      column = 0;
    }
    if (plain) out[at++] = byte;
    else {
      out[at++] = EQUALS;
      out[at++] = HEX[byte >> 4]!;
      out[at++] = HEX[byte & 15]!;
    }
    column += width;
  }
  return out.subarray(0, at);
}
