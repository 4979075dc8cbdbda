import { domainToASCII } from 'node:url';

/** The longest line of a header field with an encoded word, including the field's name (RFC 2047, 2). */
const MAX_LINE = 76;

/** The longest encoded word. */
const MAX_WORD = 75;

const WORD_PREFIX = '=?UTF-8?B?';
const WORD_SUFFIX = '?=';

/** A value that needs no encoding. */
const PLAIN = /^[\u0020-\u007e]*$/;

/** Formats `Name: value` as one header, whatever the value contains: no text of a member can add a header. */
export function formatHeader(name: string, value: string): string {
  const start = `${name}: `;
  const plain = PLAIN.test(value) && !value.includes('=?') ? fold(`${start}${value}`) : undefined;
  return plain ?? `${start}${encodeWords(value, start.length)}`;
}

/**
 * Formats a header on one line, for values that some receivers do not unfold, such as message ids. A non-ASCII address is
 * not encoded (RFC 6532); such a mail is sent with SMTPUTF8.
 */
export const formatUnfoldedHeader = (name: string, value: string): string =>
  `${name}: ${value.replaceAll(/\p{Cc}/gu, '')}`;

/**
 * Encodes text as base64 words of whole characters (RFC 2047), each on a line of its own.
 * @param column the position of the first word in its line
 */
export function encodeWords(text: string, column: number): string {
  const words: string[] = [];
  let word = '';
  let bytes = 0;
  let capacity = bytesPerWord(MAX_LINE - column);
  // oxlint-disable-next-line no-control-regex -- a line break would start another header
  for (const character of text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')) {
    const size = Buffer.byteLength(character);
    if (bytes + size > capacity) {
      words.push(word);
      word = '';
      bytes = 0;
      // The leading space is a character of the line.
      capacity = bytesPerWord(MAX_LINE - 1);
    }
    word += character;
    bytes += size;
  }
  words.push(word);
  return words
    .map((one) => `${WORD_PREFIX}${Buffer.from(one).toString('base64')}${WORD_SUFFIX}`)
    .join('\r\n ');
}

/** The bytes that an encoded word of at most this many characters can hold: three bytes make four characters. */
const bytesPerWord = (characters: number): number =>
  Math.floor((Math.min(characters, MAX_WORD) - WORD_PREFIX.length - WORD_SUFFIX.length) / 4) * 3;

/** Folds a line before spaces, each line as long as possible. @returns undefined if a part fits into no line */
export function fold(line: string): string | undefined {
  if (line.length <= MAX_LINE) return line;
  const lines: string[] = [];
  let current = '';
  for (const part of line.split(/(?= )/)) {
    // Not after the field's name: a first line must not consist of the name alone.
    if (current.length + part.length > MAX_LINE && current !== '' && !current.endsWith(':')) {
      lines.push(current);
      current = part;
    } else current += part;
  }
  lines.push(current);
  const fits = lines.every((one) => one.length <= MAX_LINE && one.trim() !== '');
  return fits ? lines.join('\r\n') : undefined;
}

/** Appends `text` to a header, on a new line if it does not fit into the last one. */
export function appendToHeader(before: string, text: string): string {
  const column = before.length - (before.lastIndexOf('\n') + 1);
  return `${before}${column + 1 + text.length <= MAX_LINE ? ' ' : '\r\n '}${text}`;
}

/**
 * Converts an address for an SMTP command: exactly one address, with its domain in ASCII as the DNS has it.
 * @returns undefined if the text is not one plain address, so that it cannot add a recipient or a command
 */
export function toEnvelopeAddress(address: string): string | undefined {
  const [, local, domain] =
    /^([^\s<>"(),:;@\\[\]]{1,256})@([^\s<>"(),:;@\\[\]]{1,255})$/u.exec(address) ?? [];
  if (local === undefined || domain === undefined) return undefined;
  // oxlint-disable-next-line no-control-regex -- control characters must not get into a command
  if (/[\u0000-\u001f\u007f-\u009f]/.test(local)) return undefined;
  const ascii = /^[\u0021-\u007e]+$/.test(domain) ? domain : domainToASCII(domain);
  return ascii === '' ? undefined : `${local.normalize('NFC')}@${ascii}`;
}

/** Whether the address can only be sent to a server that offers SMTPUTF8 (RFC 6531). */
// oxlint-disable-next-line no-control-regex -- matches all of ASCII
export const needsSmtpUtf8 = (address: string): boolean => !/^[\u0000-\u007f]*$/.test(address);

/** The address in `Name <address>`, or the text itself. */
export const extractAddress = (from: string): string => /<([^<>]*)>$/.exec(from)?.[1] ?? from;

/** Converts the domain of an address, or of `Name <address>`, to ASCII as the DNS has it. */
export function withAsciiDomain(from: string): string {
  const address = extractAddress(from);
  const inEnvelope = toEnvelopeAddress(address);
  return inEnvelope === undefined
    ? from
    : `${from.slice(0, from.lastIndexOf(address))}${inEnvelope}${from.slice(from.lastIndexOf(address) + address.length)}`;
}
