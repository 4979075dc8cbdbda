import { InvalidDataError } from './parse-dto.js';

/** Largest message that is parsed, in bytes. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

/** How deep objects and lists may be nested. Valid messages are flat. */
export const MAX_JSON_DEPTH = 16;

/** Removes a byte order mark: RFC 8259 allows a reader to do so, and some writers send one. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses the JSON of a message. It refuses JSON that other parsers may read differently: an object with a duplicate name, a
 * name that reaches a prototype, and a lone surrogate.
 * @throws InvalidDataError for such JSON, for a missing or too large value, and for bytes that are not UTF-8 or not JSON
 */
export function parseJson(bytes: Uint8Array | null): unknown {
  if (bytes === null) throw new InvalidDataError(['the message has no value']);
  if (bytes.length === 0) throw new InvalidDataError(['the message is empty']);
  if (bytes.length > MAX_MESSAGE_BYTES) {
    throw new InvalidDataError([`the message has ${bytes.length} bytes, more than ${MAX_MESSAGE_BYTES}`]);
  }
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new InvalidDataError(['the message is not UTF-8']);
  }
  const written = countKeys(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidDataError(['the message is not JSON']);
  }
  // Valid UTF-8 can contain a lone surrogate only as an escape.
  const kept = new KeyCounter(text.includes('\\u')).count(value);
  if (kept !== written) throw new InvalidDataError(['the message names a property twice']);
  return value;
}

/** Names by which an assignment would reach a prototype. */
const PROTOTYPE_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Counts the keys that are written in a JSON text: its colons outside strings. For a text that is not JSON the result means
 * nothing.
 * @throws InvalidDataError when it is nested too deeply
 */
function countKeys(text: string): number {
  let keys = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === COLON) keys += 1;
    else if (unit === OPEN_OBJECT || unit === OPEN_LIST) depth += 1;
    else if (unit === CLOSE_OBJECT || unit === CLOSE_LIST) depth -= 1;
    if (depth > MAX_JSON_DEPTH) {
      throw new InvalidDataError([`the message is nested more than ${MAX_JSON_DEPTH} levels deep`]);
    }
  }
  return keys;
}

/** Counts the keys of a parsed value: fewer than were written if a name was duplicate. */
class KeyCounter {
  constructor(private readonly mayHaveLoneSurrogates: boolean) {}

  /** @throws InvalidDataError for a name that reaches a prototype, and for a lone surrogate in a name or a text */
  count(value: unknown): number {
    if (typeof value === 'string') this.refuseLoneSurrogates(value);
    if (typeof value !== 'object' || value === null) return 0;
    let keys = 0;
    if (Array.isArray(value)) {
      for (const item of value) keys += this.count(item);
      return keys;
    }
    for (const name of Object.keys(value)) {
      if (PROTOTYPE_NAMES.has(name)) throw new InvalidDataError([`property ${name} should not exist`]);
      this.refuseLoneSurrogates(name);
      keys += 1 + this.count((value as Record<string, unknown>)[name]);
    }
    return keys;
  }

  private refuseLoneSurrogates(text: string): void {
    if (this.mayHaveLoneSurrogates && !text.isWellFormed()) {
      throw new InvalidDataError(['the message holds half a character (a lone surrogate)']);
    }
  }
}

/** Lists the names of a JSON object as they are written, duplicates included: a parser keeps only the last of them. */
export function topLevelNames(json: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let string: readonly [start: number, end: number] | undefined;
  for (let at = 0; at < json.length; at += 1) {
    const unit = json.charCodeAt(at);
    if (unit === QUOTE) {
      const start = at;
      at = endOfString(json, at);
      string = [start, at + 1];
    } else if (unit === COLON && depth === 1 && string !== undefined) {
      names.push(JSON.parse(json.slice(...string)) as string);
    } else if (unit === OPEN_OBJECT || unit === OPEN_LIST) depth += 1;
    else if (unit === CLOSE_OBJECT || unit === CLOSE_LIST) depth -= 1;
  }
  return names;
}

/** The index of the quote that ends a string; the end of the text if there is none. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}
