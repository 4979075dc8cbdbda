import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Results } from './report.js';

const MAIN = resolve(import.meta.dirname, '../../../dist/test/bench/mail/main.js');

const bench = (...args: string[]) => {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  return promisify(execFile)(process.execPath, [MAIN, ...args], { env });
};

/** That the bench runs, from end to end. What it measures beside other tests means nothing. */
describe('the bench of the notification app', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-'));
  const out = join(dir, 'mail.json');
  let stdout: string;
  let results: Results;

  beforeAll(async () => {
    ({ stdout } = await bench('--quick', '--out', out));
    results = JSON.parse(readFileSync(out, 'utf8')) as Results;
  });

  afterAll(() => rmSync(dir, { recursive: true }));

  it('measures both, and the CPU time of every process that takes part', () => {
    const [{ raw, app }] = results.rounds as [Results['rounds'][0]];
    for (const { perSecond, cpu } of [raw, app]) {
      expect(perSecond).toBeGreaterThan(0);
      expect(Object.keys(cpu)).toEqual(expect.arrayContaining(['client', 'sink', 'broker', 'PostgreSQL']));
      expect(cpu['client']).toBeGreaterThan(0);
    }
  });

  it('has both send the same: a smaller mail would be quicker, and one that is not sent quicker still', () => {
    const [{ raw, app }] = results.rounds as [Results['rounds'][0]];
    expect(app.bytesAMail / raw.bytesAMail).toBeGreaterThan(0.95);
    expect(app.bytesAMail / raw.bytesAMail).toBeLessThan(1.05);
    expect(results.notSent).toEqual({});
  });

  it('says whether the requirement is met', () => {
    expect(stdout).toMatch(/^app \/ raw.* at least 0\.8 +(met|MISSED)$/m);
  });

  it('explains itself', async () => {
    expect((await bench('--help')).stdout).toContain('npm run bench:mail -- --quick');
    await expect(bench('--rounds', 'none')).rejects.toMatchObject({ code: 1 });
  });
});
