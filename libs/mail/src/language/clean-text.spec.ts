import { describe, expect, it } from '@jest/globals';
import { isVisible, toOneLine, toVisibleLine } from './clean-text.js';

const BLANKS: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['spaces of all widths', ' \u00a0\u1680\u2000\u2003\u2009\u202f\u205f\u3000'],
  ['line ends and tabs', '\n\r\t\u0085\u2028\u2029\u000b'],
  ['controls', '\u0000\u0007\u001b\u007f\u009f'],
  ['zero-width characters', '\u200b\u200c\u200d\u2060\ufeff'],
  ['bidi controls', '\u061c\u200e\u200f\u202a\u202e\u2066\u2069'],
  ['soft hyphens and invisible operators', '\u00ad\u2061\u2062\u2063\u2064'],
  ['variation selectors', '\ufe0e\ufe0f\u{e0100}'],
  ['tags', '\u{e0020}\u{e0041}\u{e007f}'],
  ['combining marks with nothing to stand on', '\u0301\u0651\u20dd\u{1d165}'],
  ['a blank Braille cell', '\u2800'],
  ['Hangul fillers', '\u3164\u115f\u1160\uffa0'],
  ['Khmer vowels that are not drawn', '\u17b4\u17b5'],
  ['Mongolian separators', '\u180b\u180e\u180f'],
  ['a combining grapheme joiner', '\u034f'],
  ['musical and shorthand controls', '\u{1d159}\u{1d173}\u{1bca0}'],
  ['Egyptian blanks', '\u{13441}\u{13442}'],
  ['unassigned characters', '\u0378\u{e0fff}\uffff\u{10ffff}'],
  ['private characters', '\ue000\u{f0000}'],
  ['halves of surrogate pairs', '\ud800\udfff\ud800'],
  ['what stands for lost characters', '\ufffc\ufffd'],
];

describe('toVisibleLine', () => {
  it.each(BLANKS)('returns the fallback for a name that shows nothing: %s', (_, name) => {
    expect(isVisible(toOneLine(name))).toBe(false);
    expect(toVisibleLine(name, 'A member')).toBe('A member');
    expect(toVisibleLine(`${name} ${BLANKS.map(([, blank]) => blank).join('')}`, 'A member')).toBe(
      'A member',
    );
  });

  it.each([
    'A',
    'ليلى',
    '東京',
    'Zoë',
    'Zoe\u0308',
    '3164',
    '.',
    '?',
    '🙂',
    '❤️',
    '👩‍🚀',
    'ᄀ',
    '\u0e01',
    'ㅤA',
  ])('returns a visible name such as %s', (name) => {
    expect(toVisibleLine(name, 'A member')).toBe(toOneLine(name));
  });
});
