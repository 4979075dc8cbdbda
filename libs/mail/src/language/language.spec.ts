import { describe, expect, it } from '@jest/globals';
import { languageOf } from './language.js';

describe("a member's language (D14)", () => {
  it.each(['ar', 'ar-EG', 'AR', 'ar_SA', 'ar-Latn-x-y'])('%s is Arabic', (locale) => {
    expect(languageOf(locale)).toBe('ar');
  });

  it.each(['en', 'de-AT', 'arn', '', undefined, null])('%s is answered in English', (locale) => {
    expect(languageOf(locale)).toBe('en');
  });
});
