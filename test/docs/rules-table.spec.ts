import { describe, expect, it } from '@jest/globals';
import { readDocument } from './generated.js';
import { renderRules, RULES_FILE } from './rules-table.js';

describe('docs/rules.md', () => {
  it('equals what the domain does (if not, run npm run docs -- rules)', () => {
    expect(readDocument(RULES_FILE)).toBe(renderRules());
  });
});
