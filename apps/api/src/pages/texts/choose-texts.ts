import { ARABIC } from './arabic.js';
import { ENGLISH } from './english.js';
import type { Texts } from './texts.js';

export const LANGUAGES: readonly Texts[] = [ENGLISH, ARABIC];

/** The cookie that stores the chosen language. */
export const LANGUAGE_COOKIE = 'lang';

const LANGUAGE_COOKIE_PATTERN = new RegExp(`(?:^|; ?)${LANGUAGE_COOKIE}=([a-z]{2})(?:;|$)`);

export const findTexts = (lang: unknown): Texts | undefined => LANGUAGES.find((texts) => texts.lang === lang);

/**
 * Chooses the language of a page: the one in the URL (the switch on every page), otherwise the one chosen before,
 * otherwise the browser's preference, otherwise English. Neither the session nor the token of an e-mail link contains
 * the member's locale, which the profile service stores; most readers of Arabic e-mails have a browser that prefers
 * Arabic.
 */
export function chooseTexts(
  asked: unknown,
  headers: { readonly cookie?: string | undefined; readonly 'accept-language'?: string | undefined },
): Texts {
  return (
    findTexts(asked) ??
    findTexts(LANGUAGE_COOKIE_PATTERN.exec(headers.cookie ?? '')?.[1]) ??
    preferredTexts(headers['accept-language'] ?? '') ??
    ENGLISH
  );
}

/** Returns the supported language with the highest weight in `ar-EG;q=0.9, en`; the first of equal ones. */
function preferredTexts(header: string): Texts | undefined {
  let best: Texts | undefined;
  let highest = 0;
  for (const range of header.slice(0, 200).split(',')) {
    const [tag = '', ...parameters] = range
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const weight = Number(/^q=([\d.]+)$/.exec(parameters.at(-1) ?? 'q=1')?.[1] ?? 0);
    const texts = findTexts(tag.split('-')[0]);
    if (texts !== undefined && weight > highest) [best, highest] = [texts, weight];
  }
  return best;
}
