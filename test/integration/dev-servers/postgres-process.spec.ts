import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listen } from '../../../libs/dev-servers/src/process/listen.js';
import { startPostgres } from '../../../libs/dev-servers/src/start-servers.js';
import { expectProductionRefused, serverMain } from './server-main.js';

const MAIN = serverMain('postgres');

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'postgres-process-'));
});

afterAll(() => rm(dataDir, { recursive: true }));

const settings = (port?: number) => ({ dataDir, durable: false, ...(port && { port }) });

describe('startPostgres', () => {
  it('refuses to run in production before it writes to disk', () => expectProductionRefused(MAIN, dataDir));

  it('prints the last log lines of a PostgreSQL that exits unexpectedly', async () => {
    const child = fork(MAIN, [JSON.stringify(settings())], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const stderr = text(child.stderr!);
    await once(child, 'message');
    const pidFile = readFileSync(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8');
    // An immediate shutdown that the server did not ask for.
    process.kill(Number.parseInt(pidFile, 10), 'SIGQUIT');
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(await stderr).toContain('received immediate shutdown request');
  });

  it('stops PostgreSQL when its parent disconnects', async () => {
    const child = fork(MAIN, [JSON.stringify(settings())], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    await once(child, 'message');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await readdir(join(dataDir, 'cluster'))).not.toContain('postmaster.pid');
  });

  it('listens on the preferred port, or on a free one when that is busy', async () => {
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
