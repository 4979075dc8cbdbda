import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Results } from './report.js';

const MAIN = resolve(import.meta.dirname, '../../../dist/test/perf/mail/main.js');

const bench = (...args: string[]) => {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  return promisify(execFile)(process.execPath, [MAIN, ...args], { env });
};

/** Checks that the bench runs from end to end. Its measurements mean nothing while other tests run. */
describe('npm run bench -- mail', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-'));
  const out = join(dir, 'mail.json');
  let stdout: string;
  let results: Results;

  beforeAll(async () => {
    ({ stdout } = await bench('--quick', '--out', out));
    results = JSON.parse(readFileSync(out, 'utf8')) as Results;
  });

  afterAll(() => rmSync(dir, { recursive: true }));

  it('measures both candidates, and the CPU time of every process that takes part', () => {
    const [{ raw, app }] = results.rounds as [Results['rounds'][0]];
    for (const { perSecond, cpu } of [raw, app]) {
      expect(perSecond).toBeGreaterThan(0);
      expect(Object.keys(cpu)).toEqual(expect.arrayContaining(['client', 'sink', 'broker', 'PostgreSQL']));
      expect(cpu['client']).toBeGreaterThan(0);
    }
  });

  it('compares candidates that send the same number of e-mails of the same size', () => {
    const [{ raw, app }] = results.rounds as [Results['rounds'][0]];
    expect(app.bytesAMail / raw.bytesAMail).toBeGreaterThan(0.95);
    expect(app.bytesAMail / raw.bytesAMail).toBeLessThan(1.05);
    expect(results.notSent).toEqual({});
  });

  it('reports whether the requirement is met', () => {
    expect(stdout).toMatch(/^app \/ raw.* at least 0\.8 +(met|MISSED)$/m);
  });

  it('prints its help', async () => {
    expect((await bench('--help')).stdout).toContain('npm run bench -- mail --quick');
    await expect(bench('--rounds', 'none')).rejects.toMatchObject({ code: 1 });
  });
});
