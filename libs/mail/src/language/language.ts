/** The languages of our e-mails (D14). */
export type Language = 'en' | 'ar';

/** The language for a member's BCP 47 locale: Arabic for `ar` and its regions, otherwise English. */
export const languageForLocale = (locale: string | null | undefined): Language =>
  /^ar([-_]|$)/i.test(locale ?? '') ? 'ar' : 'en';

export const directionOfLanguage = (language: Language): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr');

export type Direction = 'ltr' | 'rtl';

/** The living scripts that are written from right to left. */
const RTL_LETTER =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Script=Mandaic}\p{Script=Samaritan}\p{Script=Hanifi_Rohingya}]/u;

const LETTER = /\p{L}/u;

const directionOfLetter = (letter: string): Direction => (RTL_LETTER.test(letter) ? 'rtl' : 'ltr');

/**
 * The direction of a text: that of its first letter, like `dir="auto"` (Unicode UAX #9, P2). Computed here because some
 * mail clients support `dir` but not `auto`.
 */
export function directionOfText(text: string, fallback: Direction): Direction {
  const [letter] = LETTER.exec(text) ?? [];
  return letter === undefined ? fallback : directionOfLetter(letter);
}

const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';

/**
 * Isolates a name in plain text, where there is no <bdi>, so that it does not reorder the words around it. A name in the
 * e-mail's own direction stays as it is, without invisible characters.
 */
export function isolateDirection(name: string, language: Language): string {
  const isForeign = Array.from(name).some(
    (char) => LETTER.test(char) && directionOfLetter(char) !== directionOfLanguage(language),
  );
  return isForeign ? `${FIRST_STRONG_ISOLATE}${name}${POP_ISOLATE}` : name;
}

/** A phrase for each plural category of a language; `other` is used for the categories that are missing. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

/** The phrase for a number. `#` is replaced by the number in Latin digits, like those in links and addresses. */
export function formatCount(language: Language, count: number, phrases: PluralForms): string {
  const phrase = phrases[new Intl.PluralRules(language).select(count)] ?? phrases.other;
  return phrase.replace('#', new Intl.NumberFormat(`${language}-u-nu-latn`).format(count));
}

/** Joins items to a list such as `A, B, and C` in the language. Items may be text or elements. */
export function formatList<Item>(language: Language, items: readonly Item[]): (Item | string)[] {
  const parts = new Intl.ListFormat(language).formatToParts(items.map((_, index) => String(index)));
  return parts.map(({ type, value }) => (type === 'element' ? items[Number(value)]! : value));
}
