import { describe, expect, it } from '@jest/globals';
import { chooseTexts } from './choose-texts.js';

const chosen = (asked: unknown, cookie?: string, accepted?: string) =>
  chooseTexts(asked, { cookie, 'accept-language': accepted }).lang;

describe('the language of a page', () => {
  it('is what is asked for, else what was chosen, else what the browser prefers, else English', () => {
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
  ])('of Accept-Language %.40s is %s', (header, lang) => {
    expect(chosen(undefined, undefined, header)).toBe(lang);
  });

  it.each([[['ar']], ['constructor'], [{}], [null]])('is not %j', (asked) => {
    expect(chosen(asked)).toBe('en');
  });
});
