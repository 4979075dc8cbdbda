import { describe, expect, it } from '@jest/globals';
import { matchesIfNoneMatch } from './etags.js';

describe('matchesIfNoneMatch', () => {
  it.each([
    ['"a"', '"a"'],
    ['W/"a"', '"a"'],
    ['"a"', 'W/"a"'],
    ['W/"a"', 'W/"a"'],
    ['*', '"a"'],
    ['  *\t', 'W/"a"'],
    ['"b", "a"', '"a"'],
    ['"b","a"', '"a"'],
    ['W/"b" ,\tW/"a" ', '"a"'],
    [', ,"b",, "a",', '"a"'],
    ['"b,c", "a"', '"a"'],
    ['"a,b"', '"a,b"'],
    ['"x", "a,\x80\xff"', '"x"'],
    ['"\xe9t\xe9"', 'W/"\xe9t\xe9"'],
    ['""', '""'],
    ['"it\'s\\"', '"it\'s\\"'],
    ['"*"', '"*"'],
  ])('matches in %p the tag %p', (header, etag) => {
    expect(matchesIfNoneMatch(header, etag)).toBe(true);
  });

  it.each([
    ['"b"', '"a"'],
    ['"A"', '"a"'],
    ['"a, b"', '"a"'],
    ['"*"', '"a"'],
    ['', '"a"'],
    [',', '"a"'],
    // Not as the grammar has it: ignored as a whole, whatever else is in there.
    ['a', '"a"'],
    ['"a', '"a"'],
    ['a"', '"a"'],
    ['"a" "b"', '"a"'],
    ['"a"; "b"', '"a"'],
    ['"a", b', '"a"'],
    ['"a", *', '"a"'],
    ['*, "a"', '"a"'],
    ['**', '"a"'],
    ['w/"a"', '"a"'],
    ['W/ "a"', '"a"'],
    ['W"a"', '"a"'],
    ['"a b", "a"', '"a"'],
    ['"a", "b\x7f"', '"a"'],
    ['"a", "b\tc"', '"a"'],
    ["'a'", '"a"'],
  ])('does not match in %p the tag %p', (header, etag) => {
    expect(matchesIfNoneMatch(header, etag)).toBe(false);
  });

  it('parses an adversarial header in linear time', () => {
    const started = performance.now();
    for (const header of [
      `${'"'.repeat(50_000)}x`,
      `${' '.repeat(50_000)}x`,
      `"${'a,'.repeat(50_000)}`,
      `${','.repeat(50_000)}x`,
    ]) {
      expect(matchesIfNoneMatch(header, '"a"')).toBe(false);
    }
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
