import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';

const MAIN = resolve(import.meta.dirname, '../../../dist/test/perf/replay/main.js');

const bench = (...args: string[]) => {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  return promisify(execFile)(process.execPath, [MAIN, ...args], { env });
};

/** Checks that the bench runs from end to end. Its measurements mean nothing while other tests run. */
describe('npm run bench -- replay', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it('measures every candidate, and reports for each requirement whether it is met', async () => {
    const out = join(dir, 'replay.json');
    const { stdout } = await bench('--quick', '--out', out);
    const { short, long } = JSON.parse(readFileSync(out, 'utf8')) as Record<
      'short' | 'long',
      Record<string, { perSecond: number; cpu: number; peakMiB: number }>[]
    >;
    for (const round of [...short, ...long]) {
      expect(Object.keys(round)).toEqual([
        'raw',
        'events',
        'as-of',
        'sql',
        'report',
        'what-if',
        'sql-first',
        'sql-again',
      ]);
      for (const { perSecond, cpu, peakMiB } of Object.values(round)) {
        expect(perSecond).toBeGreaterThan(0);
        expect(cpu).toBeGreaterThan(0);
        expect(peakMiB).toBeGreaterThan(20);
      }
    }
    for (const what of [
      'events / raw',
      'as-of / raw',
      'sql / raw',
      'report / raw',
      'what-if / raw',
      'peak memory of events',
      'peak memory of as-of',
      'peak memory of sql',
      'peak memory of report',
      'peak memory of what-if',
      'time of sql-again / sql-first',
    ]) {
      expect(stdout).toMatch(new RegExp(`^${what}.* (met|MISSED)$`, 'm'));
    }
  });

  it('prints its help', async () => {
    expect((await bench('--help')).stdout).toContain('npm run bench -- replay --quick');
    await expect(bench('--rounds', 'none')).rejects.toMatchObject({ code: 1 });
  });
});
