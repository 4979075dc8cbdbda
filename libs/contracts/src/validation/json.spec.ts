import { describe, expect, it } from '@jest/globals';
import { InvalidDataError, MAX_JSON_DEPTH, MAX_MESSAGE_BYTES, parseJson } from '../index.js';

const parse = (text: string) => parseJson(Buffer.from(text));
const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('parseJson', () => {
  it.each([
    ['a colon in a text', '{"a":":::"}', { a: ':::' }],
    ['a quote and a backslash in a text', String.raw`{"a":"\":\\","b":"\\\":"}`, { a: '":\\', b: '\\":' }],
    ['a name with a colon', '{"a:b":1}', { 'a:b': 1 }],
    ['one name in several objects', '{"a":{"a":[{"a":1},{"a":2}]}}', { a: { a: [{ a: 1 }, { a: 2 }] } }],
    ['a byte order mark', '\ufeff{"a":1}', { a: 1 }],
    ['a pair of surrogates, escaped', String.raw`"\ud83d\udc4b"`, '👋'],
    ['a name that only resembles', '{"proto":1,"__proto":2}', { proto: 1, __proto: 2 }],
  ])('accepts %s', (_what, text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it.each([
    ['a name twice', '{"a":1,"a":1}', 'twice'],
    ['a name twice, once escaped', String.raw`{"a":1,"\u0061":2}`, 'twice'],
    ['a name twice, further in', '[{"b":{"a":1,"c":{},"a":null}}]', 'twice'],
    ['the empty name twice', '{"":1,"":2}', 'twice'],
    ['a name of numbers twice', '{"1":1,"1":2}', 'twice'],
    ['__proto__', '{"a":{"__proto__":{"b":1}}}', 'property __proto__ should not exist'],
    ['__proto__, escaped', String.raw`{"\u005f_proto__":1}`, 'property __proto__ should not exist'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'property __proto__ should not exist'],
    ['constructor in a list', '[[{"constructor":1}]]', 'property constructor should not exist'],
    ['prototype', '{"prototype":1}', 'property prototype should not exist'],
    ['half a character', String.raw`{"a":["\udc4b"]}`, 'half a character'],
    ['half a character in a name', String.raw`{"\ud83d":1}`, 'half a character'],
    ['nothing', '', 'the message is empty'],
    ['blanks', '  ', 'not JSON'],
    ['a byte order mark alone', '\ufeff', 'not JSON'],
    ['two byte order marks', '\ufeff\ufeff{}', 'not JSON'],
    ['NaN', '{"a":NaN}', 'not JSON'],
    ['a comma at the end', '{"a":1,}', 'not JSON'],
    ['a text that does not end', '{"a":"\\"', 'not JSON'],
    ['two values', '{}{}', 'not JSON'],
  ])('rejects %s', (_what, text, problem) => {
    expect(() => parse(text)).toThrow(new RegExp(problem));
    expect(() => parse(text)).toThrow(InvalidDataError);
  });

  it('rejects deeper nesting than recursive code can walk', () => {
    expect(parse(lists(MAX_JSON_DEPTH))).toEqual(JSON.parse(lists(MAX_JSON_DEPTH)));
    expect(() => parse(lists(MAX_JSON_DEPTH + 1))).toThrow('nested more than 16 levels deep');
    for (const open of ['[', '{"a":', '[{"a":']) {
      const text = open.repeat(MAX_MESSAGE_BYTES / open.length);
      expect(() => parse(text)).toThrow(InvalidDataError);
    }
    expect(() => parse(lists(MAX_MESSAGE_BYTES / 2))).toThrow('nested');
  });

  it('parses hostile input in linear time', () => {
    const filled = (piece: string) => `{"a":"${piece.repeat((MAX_MESSAGE_BYTES - 10) / piece.length)}"}`;
    const since = performance.now();
    for (const piece of ['\\\\', '\\"', '\\u0041', ':', '{']) parse(filled(piece));
    expect(performance.now() - since).toBeLessThan(1_000);
  });
});
