import { describe, expect, it } from '@jest/globals';
import { directionOfText, isolateDirection, languageForLocale } from './language.js';

describe('languageForLocale (D14)', () => {
  it.each(['ar', 'ar-EG', 'AR', 'ar_SA', 'ar-Latn-x-y'])('returns Arabic for %s', (locale) => {
    expect(languageForLocale(locale)).toBe('ar');
  });

  it.each(['en', 'de-AT', 'arn', '', undefined, null])('returns English for %s', (locale) => {
    expect(languageForLocale(locale)).toBe('en');
  });
});

describe('directionOfText', () => {
  it.each([
    ['Hello', 'ltr'],
    ['سلام', 'rtl'],
    ['שלום', 'rtl'],
    ['12. (شكرًا) thanks', 'rtl'],
    ['… “Thanks” شكرًا', 'ltr'],
    ['東京', 'ltr'],
  ] as const)('%s is %s, by its first letter', (text, direction) => {
    expect(directionOfText(text, 'ltr')).toBe(direction);
    expect(directionOfText(text, 'rtl')).toBe(direction);
  });

  it.each(['', '12:30', '🙂', '٣'])('returns the fallback for %j', (text) => {
    expect(directionOfText(text, 'ltr')).toBe('ltr');
    expect(directionOfText(text, 'rtl')).toBe('rtl');
  });
});

describe('isolateDirection', () => {
  it.each([
    ['Alice', 'en', 'Alice'],
    ['ليلى', 'ar', 'ليلى'],
    ['ليلى', 'en', '\u2068ليلى\u2069'],
    ['Alice', 'ar', '\u2068Alice\u2069'],
    ['Layla (ليلى)', 'en', '\u2068Layla (ليلى)\u2069'],
    ['1.0', 'ar', '1.0'],
  ] as const)('%s in %s turns nothing around it', (name, language, written) => {
    expect(isolateDirection(name, language)).toBe(written);
  });
});
