import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const MAIN = resolve(import.meta.dirname, '../../../dist/test/perf/http/main.js');

it('npm run bench -- http --quick runs, and writes its measurements', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-http-spec-'));
  const out = join(dir, 'http.json');
  const { NODE_OPTIONS: _options, NODE_ENV: _env, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--quick', '--out', out], { env });
  const { runs, requirements } = JSON.parse(readFileSync(out, 'utf8')) as {
    runs: Record<string, { perSecond: number; processMicros: number }[]>;
    requirements: { what: string; ratio: { median: number } }[];
  };
  rmSync(dir, { recursive: true });
  expect(Object.keys(runs)).toEqual([
    'constant',
    'inbox',
    'pg',
    'pg, planned',
    'send, 1 at a time',
    'send, 16 at a time',
  ]);
  for (const [run] of Object.values(runs)) expect(run!.perSecond).toBeGreaterThan(0);
  expect(requirements.map(({ what }) => what)).toEqual([
    'inbox of constant',
    'inbox of pg',
    'PostgreSQL µs, inbox of pg, planned',
  ]);
  for (const { ratio } of requirements) expect(ratio.median).toBeGreaterThan(0);
  expect(stdout).toContain('inbox of constant');
});
