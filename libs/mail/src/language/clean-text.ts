import { stripControls } from '#libs/contracts';

/** Marks, embeddings, overrides and isolates: with these a name could make the words around it read otherwise. */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Unicode's line and paragraph separators break lines in some clients only. */
const SEPARATORS = /\r\n?|[\u0085\u2028\u2029]/g;

const clean = (text: string): string =>
  stripControls(text.toWellFormed().replace(SEPARATORS, '\n').replaceAll('\t', ' ')).replace(
    BIDI_CONTROLS,
    '',
  );

/** A member's text on one line, fit for a subject. */
export const oneLine = (text: string): string => clean(text).replace(/\s+/g, ' ').trim();

/** A member's text as lines, without blank ones at its ends. */
export function linesOf(text: string): readonly string[] {
  const trimmed = clean(text).trim();
  return trimmed === '' ? [] : trimmed.split('\n').map((line) => line.trimEnd());
}
