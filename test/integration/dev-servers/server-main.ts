import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from '@jest/globals';

/** The built main module of a development server. */
export function serverMain(server: 'eventstore' | 'kafka' | 'mail' | 'postgres'): string {
  return fileURLToPath(new URL(`../../../dist/libs/dev-servers/src/${server}/main.js`, import.meta.url));
}

/**
 * Expects that a server with NODE_ENV=production exits with the reason, and creates nothing.
 * @param directory an empty directory
 */
export async function expectProductionRefused(main: string, directory: string): Promise<void> {
  const run = promisify(execFile)(
    process.execPath,
    [main, JSON.stringify({ dataDir: join(directory, 'data') })],
    {
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
  await expect(run).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('NODE_ENV=production'),
  });
  expect(await readdir(directory)).toEqual([]);
}
