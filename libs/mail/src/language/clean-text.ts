import { stripControlCharacters } from '#libs/contracts';

/** Marks, embeddings, overrides and isolates. In a name they could reorder the words around it. */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Line ends, and Unicode's line and paragraph separators, which only some clients break lines at. */
const SEPARATORS = /\r\n?|[\u0085\u2028\u2029]/g;

const clean = (text: string): string =>
  stripControlCharacters(text.toWellFormed().replace(SEPARATORS, '\n').replaceAll('\t', ' ')).replace(
    BIDI_CONTROLS,
    '',
  );

/** A member's text on one line, fit for a subject. */
export const toOneLine = (text: string): string => clean(text).replace(/\s+/g, ' ').trim();

/** A member's text on one line, or `fallback` if a reader would see nothing of it. */
export function toVisibleLine(text: string, fallback: string): string {
  const line = toOneLine(text);
  return isVisible(line) ? line : fallback;
}

/** A member's text as lines, without blank lines at its ends; none if a reader would see nothing of it. */
export function toLines(text: string): readonly string[] {
  const trimmed = clean(text).trim();
  return isVisible(trimmed) ? trimmed.split('\n').map((line) => line.trimEnd()) : [];
}

/**
 * Letters, numbers, punctuation and symbols. Spaces, controls, unassigned and private characters are invisible, and a
 * combining mark alone does not count.
 */
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/gu;

/** Exceptions that fonts draw as blank (fillers and blanks), or that replace a lost character. */
const BLANK = /^[\p{Default_Ignorable_Code_Point}\u2800\ufffc\ufffd\u{13441}\u{13442}\u{1d159}]$/u;

/** Whether a reader sees anything of a text. */
export const isVisible = (text: string): boolean =>
  (text.match(VISIBLE) ?? []).some((character) => !BLANK.test(character));
