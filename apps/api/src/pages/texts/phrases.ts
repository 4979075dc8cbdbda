/** A phrase for each plural category of a language; `other` is used for the categories that are missing. */
type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

const DAY_MS = 24 * 3600 * 1000;

/** The units of a relative time, the longest first. */
const UNITS = [
  ['day', DAY_MS],
  ['hour', 3600 * 1000],
  ['minute', 60 * 1000],
] as const;

/** Times that are longer ago are shown as dates. */
const OLDEST_RELATIVE_DAYS = 30;

/** Creates the functions of a language that format numbers and times. Digits are Latin, like those in URLs. */
export function createPhrases(language: 'en' | 'ar', dateLocale: string) {
  const locale = `${language}-u-nu-latn`;
  const dates = new Intl.DateTimeFormat(`${dateLocale}-u-nu-latn`, { dateStyle: 'long', timeZone: 'UTC' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  // Never "yesterday": 30 hours ago may be the day before.
  const days = new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
  const numbers = new Intl.NumberFormat(locale);
  const rules = new Intl.PluralRules(language);
  const date = (at: Date): string => dates.format(at);
  return {
    date,
    ago: (at: Date, now: Date): string => {
      // The clocks of two machines differ a little; nothing was sent in the future.
      const elapsed = Math.max(0, now.getTime() - at.getTime());
      if (elapsed > OLDEST_RELATIVE_DAYS * DAY_MS) return date(at);
      const [unit, length] = UNITS.find(([, milliseconds]) => elapsed >= milliseconds) ?? [
        'second',
        Infinity,
      ];
      return (unit === 'day' ? days : relative).format(-Math.floor(elapsed / length), unit);
    },
    count: (count: number): string => numbers.format(count),
    /** The phrase for a number, with the number in place of `#`. */
    plural: (count: number, forms: PluralForms): string =>
      (forms[rules.select(count)] ?? forms.other).replace('#', numbers.format(count)),
  };
}
