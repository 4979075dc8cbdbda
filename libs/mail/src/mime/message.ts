import { randomBytes } from 'node:crypto';
import type { Email } from '../emails/render-email.js';
import { encodedWords, header, unfolded } from './header.js';
import { quotedPrintable } from './quoted-printable.js';

export interface MessageHeaders {
  /** An address, or `Name <address>`. */
  readonly from: string;
  readonly to: string;
  readonly messageId: string;
  readonly thread?: string;
  readonly unsubscribeUrl: string;
}

const CRLF = '\r\n';

/**
 * The bytes of an e-mail, as text and as HTML (RFC 2046, multipart/alternative). It is always this one shape, and made
 * in one go: nodemailer's composer knows all others too, and takes several times as long.
 */
export function messageOf(headers: MessageHeaders, { subject, text, html }: Email, at: Date): Buffer {
  const { from, to, messageId, thread, unsubscribeUrl } = headers;
  const boundary = `part-${randomBytes(12).toString('base64url')}`;
  const head = [
    unfolded('From', fromHeader(from)),
    unfolded('To', to),
    header('Subject', subject),
    unfolded('Message-ID', messageId),
    ...(thread === undefined ? [] : [unfolded('In-Reply-To', thread), unfolded('References', thread)]),
    `Date: ${at.toUTCString().replace('GMT', '+0000')}`,
    // No vacation notice answers it (RFC 3834), and mail programs can end its kind by one POST (RFC 8058).
    'Auto-Submitted: auto-generated',
    unfolded('List-Unsubscribe', `<${unsubscribeUrl}>`),
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
  ].join(CRLF);
  const part = (type: string) =>
    `${CRLF}--${boundary}${CRLF}Content-Type: ${type}; charset=utf-8${CRLF}` +
    `Content-Transfer-Encoding: quoted-printable${CRLF}${CRLF}`;
  return Buffer.concat([
    Buffer.from(`${head}${CRLF}${part('text/plain')}`),
    quotedPrintable(text),
    Buffer.from(part('text/html')),
    quotedPrintable(html),
    Buffer.from(`${CRLF}--${boundary}--${CRLF}`),
  ]);
}

/** A name in any language, in quotation marks where it needs them. */
function fromHeader(from: string): string {
  const [, name = '', address] = /^(.*?)\s*<([^<>]*)>$/s.exec(from) ?? [];
  if (address === undefined || name.trim() === '') return from;
  const bare = name.trim().replace(/^"(.*)"$/s, '$1');
  if (/^[\w !#$%&'*+/?^{|}~-]*$/.test(bare)) return `${bare} <${address}>`;
  return /^[\u0020-\u007e]*$/.test(bare)
    ? `"${bare.replaceAll(/[\\"]/g, '\\$&')}" <${address}>`
    : `${encodedWords(bare)} <${address}>`;
}
