import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const MAIN = 'dist/libs/dev-servers/src/main.js';

/** Resolves with everything that the process has written by its end, or once `isEnough` is true. */
async function readOutput(child: ChildProcess, isEnough: (text: string) => boolean): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (isEnough(text)) resolve(text);
      });
    child.once('close', () => resolve(text));
  });
}

const start = (env: NodeJS.ProcessEnv, ...args: string[]) =>
  spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', MAIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return isOpen;
}

describe('npm run dev-servers', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'dev-servers-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('starts all servers, prints their addresses, and stops them on Ctrl-C', async () => {
    const child = start({}, '--data-dir', directory);
    const output = await readOutput(child, (text) => text.includes('Ctrl-C stops all servers.'));
    const ports = Array.from(output.matchAll(/127\.0\.0\.1:(\d+)/g), ([, port]) => Number(port));
    expect(ports).toHaveLength(5);
    expect(await Promise.all(ports.map(accepts))).toEqual(ports.map(() => true));
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(await Promise.all(ports.map(accepts))).toEqual(ports.map(() => false));
  });

  it('refuses to run in production', async () => {
    const child = start({ NODE_ENV: 'production' }, '--data-dir', directory);
    const output = await readOutput(child, () => false);
    expect(output).toContain('development servers refuse to run with NODE_ENV=production');
    expect(child.exitCode).toBe(1);
  });
});
