import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { TemporaryFolder } from './temporary-folder.js';

const MODULE = join(import.meta.dirname, 'temporary-folder.ts');

/** Creates a folder in a process that then does as it is told. */
const SCRIPT = `
  const { TemporaryFolder } = await import(process.argv[1]);
  const folder = new TemporaryFolder();
  setInterval(() => undefined, 60_000);
  process.stdout.write(folder.path);
  process.on('message', () => { throw new Error('on purpose'); });`;

describe('TemporaryFolder', () => {
  it('can be read by this user alone, and is removed when it is closed', () => {
    const before = process.listenerCount('SIGINT');
    const folder = new TemporaryFolder();
    expect(statSync(folder.path).mode & 0o077).toBe(0);
    folder.close();
    expect(existsSync(folder.path)).toBe(false);
    expect(process.listenerCount('SIGINT')).toBe(before);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['an error', 1],
  ] as const)('is removed when the process ends by %s', async (cause, expected) => {
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const child = spawn(
      process.execPath,
      ['--input-type=module', '--eval', SCRIPT, pathToFileURL(MODULE).href],
      { env, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] },
    );
    const [path] = (await once(child.stdout!, 'data')) as [Buffer];
    expect(existsSync(String(path))).toBe(true);
    if (cause === 'an error') child.send('fail');
    else child.kill(cause);
    const [code] = (await once(child, 'exit')) as [number | null];
    expect([code, existsSync(String(path))]).toEqual([expected, false]);
  });
});
