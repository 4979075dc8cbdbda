import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Results } from './report.js';

const MAIN = resolve(import.meta.dirname, '../../../dist/test/perf/scale/main.js');

const bench = (...args: string[]) => {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  return promisify(execFile)(process.execPath, [MAIN, ...args], { env });
};

/** Checks that the bench runs from end to end. Its measurements mean nothing while other tests run. */
describe('npm run bench -- scale', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-'));
  const out = join(dir, 'scale.json');
  let stdout: string;
  let results: Results;

  beforeAll(async () => {
    ({ stdout } = await bench('--quick', '--out', out));
    results = JSON.parse(readFileSync(out, 'utf8')) as Results;
  });

  afterAll(() => rmSync(dir, { recursive: true }));

  it('measures one replica and two of each app', () => {
    expect(results.apps.map(({ name }) => name)).toEqual(['command', 'projector', 'notification']);
    for (const { rates } of results.apps) {
      expect(rates.map(({ replicas }) => replicas)).toEqual([1, 2]);
      for (const { perSecond, busy } of rates) {
        expect(perSecond.median).toBeGreaterThan(0);
        expect(busy.median).toBeGreaterThan(0);
        expect(busy.median).toBeLessThanOrEqual(1);
      }
    }
  });

  it('reports for each requirement whether it is met', () => {
    for (const app of ['command', 'projector', 'notification'])
      expect(stdout).toMatch(new RegExp(`^${app}, 2 replicas / 1 .* (met|MISSED)$`, 'm'));
  });

  it('prints its help', async () => {
    expect((await bench('--help')).stdout).toContain('npm run bench -- scale --only projector');
    await expect(bench('--only', 'none')).rejects.toMatchObject({ code: 1 });
  });
});
