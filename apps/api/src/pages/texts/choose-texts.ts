import { ARABIC } from './arabic.js';
import { ENGLISH } from './english.js';
import type { Texts } from './texts.js';

export const LANGUAGES: readonly Texts[] = [ENGLISH, ARABIC];

/** The cookie that remembers what was chosen. */
export const LANGUAGE_COOKIE = 'lang';

const CHOSEN = new RegExp(`(?:^|; ?)${LANGUAGE_COOKIE}=([a-z]{2})(?:;|$)`);

export const textsOf = (lang: unknown): Texts | undefined => LANGUAGES.find((texts) => texts.lang === lang);

/**
 * The language of a page: what its address asks for (the switch on every page), else what was chosen before, else the
 * one that the browser prefers, else English. Neither a session nor the token of a mail's link knows the member's
 * locale, which the profile service keeps; who reads mail in Arabic mostly has a browser that says so.
 */
export function chooseTexts(
  asked: unknown,
  headers: { readonly cookie?: string | undefined; readonly 'accept-language'?: string | undefined },
): Texts {
  return (
    textsOf(asked) ??
    textsOf(CHOSEN.exec(headers.cookie ?? '')?.[1]) ??
    preferred(headers['accept-language'] ?? '') ??
    ENGLISH
  );
}

/** `ar-EG;q=0.9, en`: the one of highest weight among those that we speak; of equal ones the first. */
function preferred(header: string): Texts | undefined {
  let best: Texts | undefined;
  let highest = 0;
  for (const range of header.slice(0, 200).split(',')) {
    const [tag = '', ...parameters] = range
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const weight = Number(/^q=([\d.]+)$/.exec(parameters.at(-1) ?? 'q=1')?.[1] ?? 0);
    const texts = textsOf(tag.split('-')[0]);
    if (texts !== undefined && weight > highest) [best, highest] = [texts, weight];
  }
  return best;
}
