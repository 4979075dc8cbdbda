import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Results } from './report.js';

const MAIN = resolve(import.meta.dirname, '../../../dist/test/perf/commands/main.js');

const bench = (...args: string[]) => {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  return promisify(execFile)(process.execPath, [MAIN, ...args], { env });
};

/** Checks that the bench runs from end to end. Its measurements mean nothing while other tests run. */
describe('npm run bench -- commands', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-'));
  const out = join(dir, 'commands.json');
  let stdout: string;
  let results: Required<Results>;

  beforeAll(async () => {
    ({ stdout } = await bench('--quick', '--out', out));
    results = JSON.parse(readFileSync(out, 'utf8')) as Required<Results>;
  });

  afterAll(() => rmSync(dir, { recursive: true }));

  it('measures every candidate, and the CPU time of every process that takes part', () => {
    expect(results.throughput.rates.map(({ name }) => name)).toEqual([
      'raw',
      'different',
      'different, answered',
      'different, encrypted',
      'many',
      'many, answered',
      'many, encrypted',
      'known, cold',
      'known, warm',
      'naive',
      'emmett',
      'emmett, PostgreSQL',
    ]);
    for (const { perSecond, cpu } of results.throughput.rates) {
      expect(perSecond.median).toBeGreaterThan(0);
      expect(Object.keys(cpu)).toEqual(['app', 'broker', 'store', 'PostgreSQL']);
      expect(cpu['app']).toBeGreaterThan(0);
    }
  });

  it('fails if a command is refused, because a refusal is faster', () => {
    expect(results.throughput.refused).toBe(0);
  });

  it('measures memory, and latency between each two processes', () => {
    expect(results.memory.peaks.map(({ waiting, backlog }) => `${backlog} ${waiting}`)).toEqual([
      '200 different',
      '2000 different',
      '200 many',
      '2000 many',
    ]);
    for (const { mib } of results.memory.peaks) expect(mib).toBeGreaterThan(20);
    const { hops, measured } = results.latency;
    expect(hops).toHaveLength(7);
    for (const { p50, p99 } of [...hops, measured]) expect(p99).toBeGreaterThanOrEqual(p50);
    expect(measured.p50).toBeGreaterThan(0);
  });

  it('reports for each requirement whether it is met', () => {
    for (const what of ['different / raw', 'different / naive', 'many / raw', 'peak memory']) {
      expect(stdout).toMatch(new RegExp(`^${what}.* (met|MISSED)$`, 'm'));
    }
  });

  it('prints its help', async () => {
    expect((await bench('--help')).stdout).toContain('npm run bench -- commands --only memory');
    await expect(bench('--rounds', 'none')).rejects.toMatchObject({ code: 1 });
  });
});
