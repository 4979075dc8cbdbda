import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Results } from './report.js';

const MAIN = resolve(import.meta.dirname, '../../../dist/test/perf/projections/main.js');

const bench = (...args: string[]) => {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  return promisify(execFile)(process.execPath, [MAIN, ...args], { env });
};

/** Checks that the bench runs from end to end. Its measurements mean nothing while other tests run. */
describe('npm run bench -- projections', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-'));
  const out = join(dir, 'projections.json');
  let stdout: string;
  let results: Required<Results>;

  beforeAll(async () => {
    ({ stdout } = await bench('--quick', '--out', out));
    results = JSON.parse(readFileSync(out, 'utf8')) as Required<Results>;
  });

  afterAll(() => rmSync(dir, { recursive: true }));

  it('measures every candidate, and the CPU time of every process that takes part', () => {
    expect(results.throughput.rates.map(({ name }) => name)).toEqual(['raw', 'inbox', 'unnest', 'kurrentdb']);
    for (const { perSecond, cpu } of results.throughput.rates) {
      expect(perSecond.median).toBeGreaterThan(0);
      expect(Object.keys(cpu)).toEqual(['app', 'store', 'PostgreSQL']);
    }
  });

  it('measures a short and a long log, and replicas that read no event twice', () => {
    expect(results.growth.sizes.map(({ events }) => events)).toEqual([1_000, 2_000]);
    for (const { peakMiB } of results.growth.sizes) expect(peakMiB.median).toBeGreaterThan(20);
    expect(results.replication.rates.map(({ replicas }) => replicas)).toEqual([1, 2]);
    for (const { readOverApplied } of results.replication.rates) {
      expect(readOverApplied.median).toBeGreaterThanOrEqual(1);
      expect(readOverApplied.median).toBeLessThan(1.5);
    }
  });

  it('reports for each requirement whether it is met', () => {
    for (const what of ['inbox / raw', 'time an event', 'CPU an event', 'peak memory']) {
      expect(stdout).toMatch(new RegExp(`^${what}.* (met|MISSED)$`, 'm'));
    }
  });

  it('prints its help', async () => {
    expect((await bench('--help')).stdout).toContain('npm run bench -- projections --only throughput');
    await expect(bench('--rounds', 'none')).rejects.toMatchObject({ code: 1 });
  });
});
