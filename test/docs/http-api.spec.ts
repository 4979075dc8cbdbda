import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { PROBLEM_CODES } from '../../apps/api/src/http/problem.js';
import { REFUSAL_STATUS } from '../../apps/api/src/commands/command.response.js';

const guide = readFileSync(new URL('../../docs/http-api.md', import.meta.url), 'utf8');
const rows = guide.split('\n').filter((line) => /^\| [\d, ]+\|/.test(line));

describe('docs/http-api.md', () => {
  it('explains every code', () => {
    const named = rows.map((row) => /`([A-Z_]+)`/.exec(row)?.[1]);
    // No route returns it, because a method that a route does not declare is unknown.
    const known = PROBLEM_CODES.filter((code) => code !== 'METHOD_NOT_ALLOWED');
    expect(named.toSorted()).toEqual(known.toSorted());
  });

  it('has the status of every refusal', () => {
    for (const [code, status] of Object.entries(REFUSAL_STATUS)) {
      expect(rows.find((row) => row.includes(`\`${code}\``))).toContain(String(status));
    }
  });
});
