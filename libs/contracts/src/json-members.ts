import { InvalidData } from './validation.js';

/** How many objects and lists may lie within each other. What is asked of us is flat. */
export const MAX_JSON_DEPTH = 16;

/** Names by which an assignment would reach a prototype. */
const REACHING_PROTOTYPES = new Set(['__proto__', 'constructor', 'prototype']);

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * How many members the objects of a JSON text have as it is written. Outside strings a colon stands nowhere else. What
 * is no JSON gives any number.
 * @throws InvalidData when it is nested too deeply for whoever walks through it
 */
export function countMembers(text: string): number {
  let members = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === COLON) members++;
    else if (unit === OPEN_OBJECT || unit === OPEN_LIST) depth++;
    else if (unit === CLOSE_OBJECT || unit === CLOSE_LIST) depth--;
    if (depth > MAX_JSON_DEPTH) {
      throw new InvalidData([`the message is nested more than ${MAX_JSON_DEPTH} levels deep`]);
    }
  }
  return members;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

/** How many members the objects of a parsed value have: fewer than were written where a name stood twice. */
export class MemberCount {
  constructor(private readonly mayHoldHalves: boolean) {}

  /** @throws InvalidData for a name that reaches a prototype, and for half a character, in a name or a text */
  of(value: unknown): number {
    if (typeof value === 'string') this.refuseHalves(value);
    if (typeof value !== 'object' || value === null) return 0;
    let members = 0;
    if (Array.isArray(value)) {
      for (const item of value) members += this.of(item);
      return members;
    }
    for (const name of Object.keys(value)) {
      if (REACHING_PROTOTYPES.has(name)) throw new InvalidData([`property ${name} should not exist`]);
      this.refuseHalves(name);
      members += 1 + this.of((value as Record<string, unknown>)[name]);
    }
    return members;
  }

  private refuseHalves(text: string): void {
    if (this.mayHoldHalves && !text.isWellFormed()) {
      throw new InvalidData(['the message holds half a character (a lone surrogate)']);
    }
  }
}
