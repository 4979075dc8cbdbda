import { directionOf, type Language } from './language.js';

export type Direction = 'ltr' | 'rtl';

/** The living scripts that are written from right to left. */
const RTL_LETTER =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Script=Mandaic}\p{Script=Samaritan}\p{Script=Hanifi_Rohingya}]/u;

const LETTER = /\p{L}/u;

const directionOfLetter = (letter: string): Direction => (RTL_LETTER.test(letter) ? 'rtl' : 'ltr');

/**
 * The direction that a text is read in: that of its first letter, as `dir="auto"` would find (Unicode UAX #9, P2).
 * Found here because mail programs that know `dir` do not all know `auto`.
 */
export function directionOfText(text: string, otherwise: Direction): Direction {
  const [letter] = LETTER.exec(text) ?? [];
  return letter === undefined ? otherwise : directionOfLetter(letter);
}

const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';

/**
 * A name in plain text, where no <bdi> keeps it from turning the words around it. One in the e-mail's own direction
 * needs nothing, and stays free of characters that nobody sees.
 */
export function isolated(name: string, language: Language): string {
  const foreign = Array.from(name).some(
    (char) => LETTER.test(char) && directionOfLetter(char) !== directionOf(language),
  );
  return foreign ? `${FIRST_STRONG_ISOLATE}${name}${POP_ISOLATE}` : name;
}
