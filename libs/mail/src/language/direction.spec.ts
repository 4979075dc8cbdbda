import { describe, expect, it } from '@jest/globals';
import { directionOfText, isolated } from './direction.js';

describe('the direction of a text', () => {
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

  it.each(['', '12:30', '🙂', '٣'])('%j has none of its own', (text) => {
    expect(directionOfText(text, 'ltr')).toBe('ltr');
    expect(directionOfText(text, 'rtl')).toBe('rtl');
  });
});

describe('a name in plain text', () => {
  it.each([
    ['Alice', 'en', 'Alice'],
    ['ليلى', 'ar', 'ليلى'],
    ['ليلى', 'en', '\u2068ليلى\u2069'],
    ['Alice', 'ar', '\u2068Alice\u2069'],
    ['Layla (ليلى)', 'en', '\u2068Layla (ليلى)\u2069'],
    ['1.0', 'ar', '1.0'],
  ] as const)('%s in %s turns nothing around it', (name, language, written) => {
    expect(isolated(name, language)).toBe(written);
  });
});
