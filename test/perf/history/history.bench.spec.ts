import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';

const MAIN = resolve(import.meta.dirname, '../../../dist/test/perf/history/main.js');

const bench = (...args: string[]) => {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  return promisify(execFile)(process.execPath, [MAIN, ...args], { env });
};

/** Checks that the bench runs from end to end. Its measurements mean nothing while other tests run. */
describe('npm run bench -- history', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it('measures every account, and reports for each requirement whether it is met', async () => {
    const out = join(dir, 'history.json');
    const { stdout } = await bench('--quick', '--out', out);
    const { rows } = JSON.parse(readFileSync(out, 'utf8')) as {
      rows: { what: string; ms: { median: number }; cachedKiB: number; wholeStreamMs: number }[];
    };
    expect(rows.map(({ what }) => what)).toEqual(['10 invitations', '100 invitations', '200 connections']);
    for (const { ms, cachedKiB, wholeStreamMs } of rows)
      expect(Math.min(ms.median, cachedKiB, wholeStreamMs)).toBeGreaterThan(0);
    for (const what of ['100 invitations / 10 invitations', '200 connections / 10', 'KiB of the largest'])
      expect(stdout).toMatch(new RegExp(`^${what}.* (met|MISSED)$`, 'm'));
  });

  it('prints its help', async () => {
    expect((await bench('--help')).stdout).toContain('Usage: npm run bench -- history');
  });
});
