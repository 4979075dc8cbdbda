import {
  stripControlCharacters,
  MEMBER_ID,
  canonicalAddress,
  EMAIL_ADDRESS,
  MAX_EMAIL_LENGTH,
} from '../fields.js';
import { parseJson, topLevelNames } from '../validation/json.js';
import { InvalidDataError, parseDto } from '../validation/parse-dto.js';
import { MemberProfile } from './member-profile.dto.js';

/** A received message of `members.profiles`. */
export interface ProfileMessage {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** The fields of a profile that can be used. */
export interface UsableProfile {
  /** Undefined if there is no usable name. */
  readonly name: string | undefined;
  readonly headline: string;
  readonly profileUrl: string;
  /** In canonical form. Undefined if there is no usable address. */
  readonly email: string | undefined;
  /** Undefined if there is none: e-mails are then in English (D14). */
  readonly locale: string | undefined;
  readonly takesInvitations: boolean;
}

export const PROFILE_FIELDS = [
  'id',
  'name',
  'headline',
  'profileUrl',
  'email',
  'locale',
  'takesInvitations',
] as const satisfies readonly (keyof MemberProfile)[];

export type ProfileField = (typeof PROFILE_FIELDS)[number];

export interface ProfileReadResult {
  /** The message's key. */
  readonly id: string;
  /** Null if the member is removed. */
  readonly profile: UsableProfile | null;
  /** Fields that violate the contract, and were ignored, truncated or cleaned. */
  readonly unusableFields: readonly ProfileField[];
}

/** Largest profile that is parsed, in bytes: the default limit of a broker. The contract allows less. */
export const MAX_PROFILE_BYTES = 1024 * 1024;

const MAX_NAME_LENGTH = 200;
const MAX_HEADLINE_LENGTH = 300;
const MAX_URL_LENGTH = 2000;
/** Allows more than the contract: names of POSIX locales, such as `ar_EG.UTF-8`, are understood, too. */
const LOCALE = /^[A-Za-z0-9_.@-]{1,64}$/;

/** Replaces bytes and escapes that are not a character. */
const REPLACEMENT = '\ufffd';

/**
 * Parses a profile as the contract defines it; null if the member is removed.
 * @throws InvalidDataError
 */
export function parseProfile({ value }: Pick<ProfileMessage, 'value'>): MemberProfile | null {
  return value === null ? null : parseDto(MemberProfile, parseJson(value), 'drop');
}

/**
 * Reads a profile leniently: an unusable field does not affect the others. A member who takes no invitations gets none, even
 * if their address is malformed. The result depends on the message alone.
 * @throws InvalidDataError when the key is not a member id, the value is about another member, or it is not a profile
 */
export function readProfile(message: ProfileMessage): ProfileReadResult {
  const id = message.key === null ? '' : Buffer.from(message.key).toString();
  if (!MEMBER_ID.test(id)) throw new InvalidDataError(['the key must be a member id']);
  if (message.value === null) return { id, profile: null, unusableFields: [] };
  return readStrictly(id, message) ?? readLeniently(id, message.value);
}

/** Undefined for a profile that violates the contract. */
function readStrictly(id: string, message: ProfileMessage): ProfileReadResult | undefined {
  let profile: MemberProfile | null;
  try {
    profile = parseProfile(message);
  } catch (error) {
    if (error instanceof InvalidDataError) return undefined;
    throw error;
  }
  const email = profile === null ? undefined : canonicalAddress(profile.email);
  if (profile === null || profile.id !== id || email === undefined || !isVisible(profile.name))
    return undefined;
  const { name, headline, profileUrl, locale, takesInvitations } = profile;
  return {
    id,
    profile: { name, headline, profileUrl, email, locale: locale || undefined, takesInvitations },
    unusableFields: [],
  };
}

/** The value of a field, or its substitute if it is unusable. */
interface Field<T> {
  readonly value: T;
  readonly isSound: boolean;
}

const sound = <T>(value: T): Field<T> => ({ value, isSound: true });
const flawed = <T>(value: T): Field<T> => ({ value, isSound: false });

function readLeniently(id: string, value: Uint8Array): ProfileReadResult {
  const { text, given } = parseLeniently(value);
  const twice = duplicateNames(text);
  const raw = (field: ProfileField) =>
    twice.has(field) || !Object.hasOwn(given, field) ? undefined : given[field];
  const fields = {
    id: readId(raw('id')),
    name: readName(raw('name')),
    headline: readText(raw('headline'), MAX_HEADLINE_LENGTH),
    profileUrl: readUrl(raw('profileUrl')),
    email: readEmail(raw('email')),
    locale: readLocale(raw('locale')),
    // Invitations are refused as long as it is unknown whether the member takes them.
    takesInvitations: readBoolean(raw('takesInvitations')),
  } as const satisfies Record<ProfileField, Field<unknown>>;
  if (fields.id.value !== undefined && fields.id.value !== id)
    throw new InvalidDataError(['id must be the key']);
  const isSound = (field: ProfileField) => fields[field].isSound && !twice.has(field);
  if (!PROFILE_FIELDS.some((field) => field !== 'id' && raw(field) !== undefined && isSound(field))) {
    throw new InvalidDataError(['the message holds no field of a profile']);
  }
  return {
    id,
    profile: {
      name: fields.name.value,
      headline: fields.headline.value,
      profileUrl: fields.profileUrl.value,
      email: fields.email.value,
      locale: fields.locale.value,
      takesInvitations: fields.takesInvitations.value,
    },
    unusableFields: PROFILE_FIELDS.filter((field) => !isSound(field)),
  };
}

/** Parses JSON that `parseJson` would refuse: with duplicate names, lone surrogates, names of prototypes or invalid UTF-8. */
function parseLeniently(bytes: Uint8Array): { text: string; given: Readonly<Record<string, unknown>> } {
  if (bytes.length === 0) throw new InvalidDataError(['the message is empty']);
  if (bytes.length > MAX_PROFILE_BYTES) {
    throw new InvalidDataError([`the message has ${bytes.length} bytes, more than ${MAX_PROFILE_BYTES}`]);
  }
  const text = new TextDecoder().decode(bytes);
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new InvalidDataError(['the message is not JSON']);
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new InvalidDataError(['data must be a JSON object']);
  }
  return { text, given: given as Record<string, unknown> };
}

function duplicateNames(text: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of topLevelNames(text)) (seen.has(name) ? twice : seen).add(name);
  return twice;
}

/** Without it, the key identifies the member. */
const readId = (raw: unknown): Field<string | undefined> =>
  typeof raw === 'string' ? sound(raw) : flawed(undefined);

function readName(raw: unknown): Field<string | undefined> {
  const { value, isSound } = readText(raw, MAX_NAME_LENGTH);
  return isVisible(value) ? { value, isSound } : flawed(undefined);
}

/** Whether a text has a letter, a digit, punctuation or a symbol, and not only spaces and characters of no width. */
const isVisible = (text: string): boolean => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text);

/** Truncates a text, and removes control characters and lone surrogates; empty if it is not a text. */
function readText(raw: unknown, longest: number): Field<string> {
  if (typeof raw !== 'string') return flawed('');
  const clean = stripControlCharacters(raw.toWellFormed());
  const characters = clean.length > longest ? Array.from(clean) : undefined;
  if (characters !== undefined && characters.length > longest) {
    return flawed(characters.slice(0, longest).join(''));
  }
  return { value: clean, isSound: raw.isWellFormed() && !raw.includes(REPLACEMENT) };
}

/** Never truncates: a part of a link would lead elsewhere. */
function readUrl(raw: unknown): Field<string> {
  const { value, isSound } = readText(raw, MAX_URL_LENGTH);
  return isSound ? sound(value) : flawed('');
}

function readEmail(raw: unknown): Field<string | undefined> {
  const isAddress = typeof raw === 'string' && raw.length <= MAX_EMAIL_LENGTH && EMAIL_ADDRESS.test(raw);
  const email = isAddress ? canonicalAddress(raw) : undefined;
  return email === undefined ? flawed(undefined) : sound(email);
}

function readLocale(raw: unknown): Field<string | undefined> {
  if (raw === undefined || raw === null || raw === '') return sound(undefined);
  return typeof raw === 'string' && LOCALE.test(raw) ? sound(raw) : flawed(undefined);
}

const readBoolean = (raw: unknown): Field<boolean> => (typeof raw === 'boolean' ? sound(raw) : flawed(false));
