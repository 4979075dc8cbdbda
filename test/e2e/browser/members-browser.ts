import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ARABIC } from '../../../apps/api/src/pages/texts/arabic.js';
import { ENGLISH } from '../../../apps/api/src/pages/texts/english.js';
import type { Texts } from '../../../apps/api/src/pages/texts/texts.js';
import type { MemberAtApi } from '../../support/member.js';

export type Lang = 'en' | 'ar';

export const wordsOf = (lang: Lang): Texts => (lang === 'ar' ? ARABIC : ENGLISH);

/** Returns the text of a page without the isolates around names. */
export const plain = (text: string): string => text.replaceAll(/[\u2068\u2069]/g, '');

export interface Settings {
  readonly lang: Lang;
  readonly javaScript?: boolean;
  readonly dark?: boolean;
  readonly width?: number;
}

/** A browser for one member, signed in if there is a member. */
export async function browserOf(
  browser: Browser,
  api: string,
  member: MemberAtApi | undefined,
  { lang, javaScript = true, dark = false, width = 1024 }: Settings,
): Promise<Page> {
  const context: BrowserContext = await browser.newContext({
    baseURL: api,
    locale: lang === 'ar' ? 'ar-EG' : 'en-GB',
    javaScriptEnabled: javaScript,
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width, height: 640 },
  });
  context.setDefaultTimeout(60_000);
  if (member !== undefined) {
    await context.addCookies([
      { name: 'session', value: member.token, url: api, httpOnly: true, sameSite: 'Lax' },
    ]);
  }
  return context.newPage();
}
