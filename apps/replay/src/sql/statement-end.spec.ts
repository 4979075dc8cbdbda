import { describe, expect, it } from '@jest/globals';
import { isCompleteSql } from './statement-end.js';

describe('isCompleteSql', () => {
  it.each([
    'SELECT 1;',
    'SELECT 1;\n',
    "SELECT ';';",
    'SELECT 1; -- and no more\n',
    'SELECT 1; /* ; */',
    ';',
  ])('says yes: %s', (sql) => expect(isCompleteSql(sql)).toBe(true));

  it.each([
    '',
    'SELECT 1',
    "SELECT ';",
    "SELECT 'it''s;",
    'SELECT 1 -- ;',
    'SELECT /* ; ',
    'SELECT $$ ;',
    'SELECT ";',
  ])('says no: %s', (sql) => expect(isCompleteSql(sql)).toBe(false));
});
