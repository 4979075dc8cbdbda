import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const ENTRY = pathToFileURL(resolve(import.meta.dirname, '../../../dist/libs/platform/src/entry.js')).href;

/** Runs a program with the functions of entry.js; it receives SIGTERM at the end. */
async function run(program: string, env: Record<string, string> = {}) {
  const source = `
    import { exitOnStopSignal, handleStopSignals } from '${ENTRY}';
    setTimeout(() => process.exit(9), 60_000);
    ${program}
    process.kill(process.pid, 'SIGTERM');`;
  const args = ['--input-type=module', '--eval', source];
  return new Promise((done) => {
    execFile(process.execPath, args, { env }, (error, stdout) =>
      done({ code: error?.code ?? error?.signal ?? 0, stdout }),
    );
  });
}

describe('exitOnStopSignal', () => {
  it('exits 0 on SIGTERM with one line in the format of the log', async () => {
    const { code, stdout } = (await run(`exitOnStopSignal('example');`)) as { code: number; stdout: string };
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      app: 'example',
      signal: 'SIGTERM',
      msg: 'stopped while it was still loading: it has taken no work',
    });
  });

  it('writes no line when LOG_LEVEL leaves it out', async () => {
    expect(await run(`exitOnStopSignal('example');`, { LOG_LEVEL: 'warn' })).toEqual({ code: 0, stdout: '' });
  });

  it('leaves signals to a handler that is set later', async () => {
    const program = `exitOnStopSignal('example'); handleStopSignals((signal) => { console.log(signal); process.exit(3); });`;
    expect(await run(program)).toEqual({ code: 3, stdout: 'SIGTERM\n' });
  });
});
