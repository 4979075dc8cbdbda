import { domainToASCII, domainToUnicode } from 'node:url';
import { ValidateBy, Matches, MaxLength } from 'class-validator';
import { v5 as uuid5 } from 'uuid';

// The kinds of fields that DTOs share: texts, instants, ids and e-mail addresses.

/** Combines several property decorators into one. */
function applyDecorators(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };
}

type Normalizer = (text: string) => string;

/** By the prototype of the class that declares a property. */
const NORMALIZERS = new WeakMap<object, Map<string, Normalizer>>();

/** Converts the property, if it is a text, before it is validated. */
const Normalize =
  (normalizer: Normalizer): PropertyDecorator =>
  (prototype, property) => {
    const normalizers = NORMALIZERS.get(prototype) ?? new Map<string, Normalizer>();
    NORMALIZERS.set(prototype, normalizers.set(String(property), normalizer));
  };

/** Applies the `Normalize` decorators of an instance's class, and of the classes that it extends. */
export function normalize(instance: object): void {
  const values = instance as Record<string, unknown>;
  let prototype: unknown = Object.getPrototypeOf(instance);
  while (typeof prototype === 'object' && prototype !== null) {
    for (const [property, normalizer] of NORMALIZERS.get(prototype) ?? []) {
      const value = values[property];
      if (typeof value === 'string') values[property] = normalizer(value);
    }
    prototype = Object.getPrototypeOf(prototype);
  }
}

/** D9: C0 except the newline, DEL and C1 are removed from texts; a text that has them is not refused. */
// oxlint-disable-next-line no-control-regex -- control characters are what it is for
const CONTROL_CHARACTERS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;

export const stripControlCharacters = (text: string): string => text.replace(CONTROL_CHARACTERS, '');

/**
 * A text that a member wrote: well-formed Unicode of at most `max` code points after control characters are removed.
 * @param min least number of code points; 0 allows an empty text
 */
export const IsMemberText = (min: 0 | 1, max: number): PropertyDecorator =>
  applyDecorators(
    Normalize(stripControlCharacters),
    ValidateBy({
      name: 'isMemberText',
      constraints: [min, max],
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' && value.isWellFormed() && hasLength(value, min, max),
        defaultMessage: () => `$property must be a text of ${min} to ${max} characters`,
      },
    }),
  );

/** Counts code points only if it has to: a code point is one or two UTF-16 units, so most texts are short enough anyway. */
function hasLength(text: string, min: 0 | 1, max: number): boolean {
  return text.length >= min && (text.length <= max || Array.from(text).length <= max);
}

/** RFC 3339 in UTC. */
export const UTC_TIMESTAMP =
  /^[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$/;

/** A timestamp whose day exists, in the one form of RFC 3339 that all readers parse alike. */
export const IsUtcTimestamp = (): PropertyDecorator =>
  ValidateBy({
    name: 'isInstant',
    constraints: [UTC_TIMESTAMP],
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && UTC_TIMESTAMP.test(value) && isInCalendar(value),
      defaultMessage: () => '$property must be an instant in UTC',
    },
  });

/** JavaScript parses 31 February as a day of March. */
function isInCalendar(timestamp: string): boolean {
  const time = Date.parse(timestamp);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === timestamp.slice(0, 10);
}

/** A member's id, assigned by the profile service. It is case-sensitive. */
export const MEMBER_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** RFC 9562 text form. It is compared in lower case, so that one id has one spelling. */
export const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/** `<inviterId>.<commandId of its send>`; opaque to other services. */
export const INVITATION_ID = new RegExp(`^[A-Za-z0-9_-]{1,64}\\.${UUID.source.slice(1, -1)}$`);

export const IsMemberId = () => Matches(MEMBER_ID, { message: '$property must be a member id' });

/** Accepts the UUID in upper case, too: a publisher may have built the id from a command id in upper case. */
export const IsInvitationId = (): PropertyDecorator =>
  applyDecorators(
    Normalize(canonicalInvitationId),
    Matches(INVITATION_ID, { message: '$property must be an invitation id' }),
  );

/** Lower-cases the UUID, and leaves the member's id as it is. */
function canonicalInvitationId(invitationId: string): string {
  const dot = invitationId.indexOf('.');
  return dot === -1 ? invitationId : invitationId.slice(0, dot) + invitationId.slice(dot).toLowerCase();
}

/** Namespace of the service's command ids. If it changed, commands that were processed before would be processed again. */
const SERVICE_COMMAND_IDS = '0b9d7c3e-6a0c-5a53-8f6f-3f8a5f0d2c11';

/** The index of the character that holds a UUID's version. */
const VERSION_AT = 14;

/**
 * Derives the id of a command that this service issues from its cause, so that the same cause always gives the same id. It is
 * a UUID of version 8 (RFC 9562: custom), which members may not use. They could otherwise compute such an id, and use it
 * before the service does, or ask for its outcome.
 */
export function serviceCommandId(cause: string): string {
  const id = uuid5(cause, SERVICE_COMMAND_IDS);
  return `${id.slice(0, VERSION_AT)}8${id.slice(VERSION_AT + 1)}`;
}

export const isServiceCommandId = (id: string): boolean => id[VERSION_AT] === '8';

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
