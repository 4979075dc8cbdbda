import { describe, expect, it } from '@jest/globals';
import { chooseTexts } from './choose-texts.js';

const chosen = (asked: unknown, cookie?: string, accepted?: string) =>
  chooseTexts(asked, { cookie, 'accept-language': accepted }).lang;

describe('chooseTexts', () => {
  it('prefers the language of the URL, then of the cookie, then of the browser, then English', () => {
    expect(chosen('ar', 'lang=en', 'en')).toBe('ar');
    expect(chosen('xx', 'a=b; lang=ar', 'en')).toBe('ar');
    expect(chosen(undefined, 'my-lang=ar; session=lang=ar', 'ar')).toBe('ar');
    expect(chosen(undefined, 'my-lang=ar', undefined)).toBe('en');
    expect(chosen(undefined, undefined, undefined)).toBe('en');
  });

  it.each([
    ['ar', 'ar'],
    ['AR-eg', 'ar'],
    ['en;q=0.5, ar;q=0.9', 'ar'],
    ['ar;q=0.5, en', 'en'],
    ['fr, ar', 'ar'],
    ['ar;q=0', 'en'],
    ['ar;q=x', 'en'],
    ['arn', 'en'],
    ['*', 'en'],
    [',;,q=1', 'en'],
    [`${'x,'.repeat(100_000)}ar`, 'en'],
  ])('chooses for Accept-Language %.40s: %s', (header, lang) => {
    expect(chosen(undefined, undefined, header)).toBe(lang);
  });

  it.each([[['ar']], ['constructor'], [{}], [null]])('ignores the language %j', (asked) => {
    expect(chosen(asked)).toBe('en');
  });
});
