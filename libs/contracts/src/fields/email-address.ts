import { domainToASCII, domainToUnicode } from 'node:url';
import { Matches, MaxLength } from 'class-validator';
import { applyDecorators } from './decorators.js';

const LETTER = String.raw`\u00a1-\ud7ff\uf900-\ufdcf\ufdf0-\uff00\uff5f-\uffef`;
const LOCAL = `[A-Za-z0-9!#$%&'*+/=?^_\`{|}~${LETTER}\\-]`;
const IN_LABEL = `[A-Za-z0-9${LETTER}\\-]`;
const AT_EDGE = `[A-Za-z0-9${LETTER}]`;
const LABEL = `${AT_EDGE}(?:${IN_LABEL}{0,61}${AT_EDGE})?`;
const TOP = `(?:[A-Za-z${LETTER}]{2,63}|[Xx][Nn][A-Za-z0-9\\-]{1,60}[A-Za-z0-9])`;

/** An e-mail address without a limit to its local part: a pattern without lookaheads, for the published schemas. */
export const EMAIL_SHAPE = `^${LOCAL}+(?:\\.${LOCAL}+)*@(?:${LABEL}\\.)+${TOP}$`;

/**
 * An e-mail address as people write it: without quoted names, comments and line breaks (which would end the header of a mail),
 * and with a dot in the domain.
 */
export const EMAIL_ADDRESS = new RegExp(`^(?=[^@]{1,64}@)${EMAIL_SHAPE.slice(1)}`, 'u');

export const MAX_EMAIL_LENGTH = 254;

export const IsEmailAddress = (): PropertyDecorator =>
  applyDecorators(
    MaxLength(MAX_EMAIL_LENGTH, { message: '$property must be an e-mail address' }),
    Matches(EMAIL_ADDRESS, { message: '$property must be an e-mail address' }),
  );

/**
 * The form in which an address is stored and used: the local part in NFC, the domain as in the DNS (`xn--…`, in lower case).
 * Undefined if the domain is not possible in the DNS.
 */
export function canonicalAddress(address: string): string | undefined {
  const { local, domain } = partsOf(address);
  const ascii = domainToASCII(domain);
  // domainToASCII turns some characters into dots, removes others, and may make a label too long.
  return EMAIL_ADDRESS.test(`x@${ascii}`) ? `${local.normalize('NFC')}@${ascii}` : undefined;
}

/** The form in which an address is shown: the domain in its own script. */
export function readableAddress(address: string): string {
  const { local, domain } = partsOf(address);
  return `${local}@${domainToUnicode(domain) || domain}`;
}

/** Whether two spellings name one mailbox. Case is ignored, because mail servers do not distinguish `Bob` from `bob` (D4). */
export const isSameAddress = (one: string, other: string): boolean => comparable(one) === comparable(other);

const comparable = (address: string): string =>
  (canonicalAddress(address) ?? address).normalize('NFC').toLowerCase();

function partsOf(address: string): { local: string; domain: string } {
  const at = address.lastIndexOf('@');
  return { local: address.slice(0, Math.max(at, 0)), domain: address.slice(at + 1) };
}
