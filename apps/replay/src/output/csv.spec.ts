import { describe, expect, it } from '@jest/globals';
import { encodeCsvCell } from './csv.js';

describe('encodeCsvCell', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
    'disarms a text that is a formula: %j',
    (text) => {
      expect(encodeCsvCell(text, { safe: true }).replaceAll('"', '')).toBe(`'${text}`);
      expect(encodeCsvCell(text, { safe: false }).replaceAll('"', '')).toBe(text);
    },
  );

  it('leaves numbers and other texts as they are', () => {
    expect([-1, -1n, 'a=1', '', undefined].map((value) => encodeCsvCell(value, { safe: true }))).toEqual([
      '-1',
      '-1',
      'a=1',
      '',
      '',
    ]);
  });

  it('quotes commas, quotes and line ends by RFC 4180', () => {
    expect(encodeCsvCell('=a,"b"\n', { safe: true })).toBe(`"'=a,""b""\n"`);
  });
});
