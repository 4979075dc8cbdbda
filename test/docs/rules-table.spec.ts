import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { rulesTable } from './rules-table.js';

const FILE = new URL('../../docs/rules.md', import.meta.url);

describe('docs/rules.md', () => {
  it('says what the domain does; if not, npm run docs:rules', () => {
    const table = rulesTable();
    if (process.env['WRITE_DOCS'] === 'rules') writeFileSync(FILE, table);
    expect(readFileSync(FILE, 'utf8')).toBe(table);
  });
});
