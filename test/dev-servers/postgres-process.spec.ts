import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listen } from '../../libs/dev-servers/src/process/listen.js';
import { startPostgres } from '../../libs/dev-servers/src/postgres/start.js';

// Processes are started here, on machines that may be busy. In milliseconds.

const MAIN = fileURLToPath(new URL('../../dist/libs/dev-servers/src/postgres/main.js', import.meta.url));

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'postgres-process-'));
});

afterAll(() => rm(dataDir, { recursive: true }));

const settings = (port?: number) => ({ dataDir, durable: false, ...(port && { port }) });

describe('the process that runs PostgreSQL', () => {
  it('refuses production before it touches the disk', async () => {
    const run = promisify(execFile)(process.execPath, [MAIN, JSON.stringify(settings())], {
      env: { ...process.env, NODE_ENV: 'production' },
    });
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('NODE_ENV=production'),
    });
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('says the last words of a PostgreSQL that ended by itself', async () => {
    const child = fork(MAIN, [JSON.stringify(settings())], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const said = text(child.stderr!);
    await once(child, 'message');
    const pidFile = readFileSync(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8');
    // An immediate shutdown, which nobody here asked for.
    process.kill(Number.parseInt(pidFile, 10), 'SIGQUIT');
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(await said).toContain('received immediate shutdown request');
  });

  it('ends PostgreSQL when the process that started it is gone', async () => {
    const child = fork(MAIN, [JSON.stringify(settings())], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    await once(child, 'message');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await readdir(join(dataDir, 'cluster'))).not.toContain('postmaster.pid');
  });

  it('takes a free port when the preferred one is busy, and the preferred one when it is not', async () => {
    const busy = createServer();
    const port = await listen(busy);
    const first = await startPostgres(settings(port), { stdio: 'ignore' });
    await first.stop();
    expect(new URL(first.addresses.url).port).not.toBe(String(port));

    busy.close();
    await once(busy, 'close');
    const second = await startPostgres(settings(port), { stdio: 'ignore' });
    await second.stop();
    expect(second.addresses.url).toBe(`postgres://postgres@127.0.0.1:${port}/invitations`);
  });
});
