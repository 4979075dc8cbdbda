import type { DeadLetter } from './dead-letter.js';

/** Which dead letters are meant; what is undefined asks for nothing. */
export interface Selection {
  /** In the dead-letter topic. */
  readonly places?: ReadonlySet<string>;
  /** A part of the reason, in any case. */
  readonly reason?: string;
  /** A part of `ce_type`. */
  readonly type?: string;
  /** Set aside at or after this time, in milliseconds. */
  readonly since?: number;
}

export function isSelected(letter: DeadLetter, { places, reason, type, since }: Selection): boolean {
  return (
    (places?.has(letter.place) ?? true) &&
    (reason === undefined || contains(letter.reason, reason)) &&
    (type === undefined || contains(letter.type, type)) &&
    (since === undefined || Date.parse(letter.at ?? '') >= since)
  );
}

const contains = (text: string | undefined, part: string) =>
  text?.toLowerCase().includes(part.toLowerCase()) ?? false;
