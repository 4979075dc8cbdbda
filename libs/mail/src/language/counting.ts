import type { Part } from '../layout/blocks.js';
import type { Language } from './language.js';

/** A phrase by the plural categories of a language; `other` stands for those that are not given. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

/** The phrase for a number; `#` in it is the number, in the digits of the e-mail addresses and links around it. */
export function counted(language: Language, count: number, phrases: Plural): string {
  const phrase = phrases[new Intl.PluralRules(language).select(count)] ?? phrases.other;
  return phrase.replace('#', new Intl.NumberFormat(`${language}-u-nu-latn`).format(count));
}

/** `A, B, and C` as the language writes it. */
export function listed(language: Language, items: readonly Part[]): Part[] {
  const places = new Intl.ListFormat(language).formatToParts(items.map((_, index) => String(index)));
  return places.map(({ type, value }) => (type === 'element' ? items[Number(value)] : value));
}
