import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { canonicalAddress } from '#libs/contracts';
import { UsageError } from '#libs/cli';

/** What is known of a member, to look for it: the form of the file of `--known`. Every field is optional. */
export interface KnownData {
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly texts?: readonly string[];
  /** SHA-256 in hexadecimal digits of a name, an address or a text, as `digestOf` makes it. It finds only whole values. */
  readonly digests?: readonly string[];
}

const FIELDS = ['names', 'addresses', 'texts', 'digests'] as const;

/** A shorter text would be found within values that have nothing to do with the member. */
const MIN_PART = 5;

const normalize = (text: string): string => text.normalize('NFC').toLowerCase();

/** SHA-256 of a text in Unicode normal form C and in lower case. Of an address, it is the hash in the suppression lists. */
export const digestOf = (text: string): string => hash('sha256', normalize(text));

/**
 * @param path `-` for the standard input, which reaches a pod where a file does not
 * @throws UsageError that names no value
 */
export async function readKnownData(path: string): Promise<KnownData> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(path === '-' ? await text(process.stdin) : await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path} cannot be read as JSON`, { cause: error });
  }
  if (!isKnownData(parsed)) {
    throw new UsageError(`${path} must be an object whose fields are lists of texts: ${FIELDS.join(', ')}`);
  }
  if (FIELDS.every((field) => (parsed[field] ?? []).length === 0))
    throw new UsageError(`${path} names nothing to look for`);
  if (!(parsed.digests ?? []).every((digest) => /^[0-9a-f]{64}$/.test(digest)))
    throw new UsageError(`${path}: a digest is 64 hexadecimal digits in lower case`);
  return parsed;
}

function isKnownData(value: unknown): value is KnownData {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([field, texts]) =>
      FIELDS.some((known) => known === field) &&
      Array.isArray(texts) &&
      texts.every((text) => typeof text === 'string' && text.trim() !== ''),
  );
}

/** The addresses of a member in the spelling of the tables. */
export const addressesOf = ({ addresses = [] }: KnownData): readonly string[] =>
  addresses.map((address) => canonicalAddress(address) ?? address.normalize('NFC'));

/** Looks for what is known of a member in values of any kind. */
export class KnownDataFinder {
  private readonly parts: readonly string[];
  private readonly digests: ReadonlySet<string>;

  constructor({ names = [], addresses = [], texts = [], digests = [] }: KnownData) {
    const plain = [...names, ...addresses, ...texts];
    this.parts = plain.map(normalize).filter((text) => text.length >= MIN_PART);
    this.digests = new Set([...digests, ...plain.map(digestOf)]);
  }

  /** Whether a value holds something of the member: a text, JSON in a text or in bytes, or an object with such values. */
  isIn(value: unknown): boolean {
    if (typeof value === 'string') return this.isInText(value);
    if (value instanceof Uint8Array) return this.isInBytes(Buffer.from(value));
    if (Array.isArray(value)) return value.some((one) => this.isIn(one));
    if (typeof value === 'object' && value !== null)
      return Object.entries(value).some(([name, one]) => this.isInText(name) || this.isIn(one));
    return false;
  }

  private isInText(text: string): boolean {
    const normal = normalize(text);
    if (this.parts.some((part) => normal.includes(part))) return true;
    if (this.digests.has(hash('sha256', normal))) return true;
    if (isBase64(text) && this.isInText(Buffer.from(text, 'base64').toString('utf8'))) return true;
    // JSON writes some characters as escapes, so a text in it is found only when it is parsed.
    if (!/^\s*[[{"]/.test(text)) return false;
    const parsed = parseJson(text);
    return parsed !== undefined && parsed !== text && this.isIn(parsed);
  }

  private isInBytes(bytes: Buffer): boolean {
    return this.digests.has(bytes.toString('hex')) || this.isInText(bytes.toString('utf8'));
  }
}

/** Dead letters have their headers in base64. */
const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]{8,}={0,2}$/.test(text);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
