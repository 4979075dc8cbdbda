import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startKafka } from '../../libs/dev-servers/src/kafka/start.js';
import { listen } from '../../libs/dev-servers/src/process/listen.js';

const MAIN = fileURLToPath(new URL('../../dist/libs/dev-servers/src/kafka/main.js', import.meta.url));
const QUIET = { stdio: 'ignore' } as const;

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kafka-process-'));
});

afterEach(() => rm(dataDir, { recursive: true }));

describe('the process of the development broker', () => {
  it('refuses production before it touches the disk', async () => {
    const run = promisify(execFile)(process.execPath, [MAIN, JSON.stringify({ dataDir })], {
      env: { ...process.env, NODE_ENV: 'production' },
    });
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('NODE_ENV=production'),
    });
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('ends when the process that started it is gone', async () => {
    const child = fork(MAIN, [JSON.stringify({ dataDir })], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(child, 'message');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('takes the preferred port, or a free one when that is busy', async () => {
    const blocker = createServer();
    const port = await listen(blocker);
    const beside = await startKafka({ dataDir, port }, QUIET);
    expect(beside.addresses.brokers).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(beside.addresses.brokers).not.toBe(`127.0.0.1:${port}`);
    await beside.stop();
    blocker.close();
    await once(blocker, 'close');
    const there = await startKafka({ dataDir, port }, QUIET);
    expect(there.addresses.brokers).toBe(`127.0.0.1:${port}`);
    await there.stop();
  });
});

describe('the data directory', () => {
  it('has one broker at a time, which a second one does not disturb, and is free again after a kill', async () => {
    const first = await startKafka({ dataDir }, QUIET);
    await expect(startKafka({ dataDir }, QUIET)).rejects.toThrow('in use by another process');
    await expect(startKafka({ dataDir }, QUIET)).rejects.toThrow('in use by another process');
    await first.kill();
    const second = await startKafka({ dataDir }, QUIET);
    await second.stop();
  });

  it('is refused, with the reason, when a file in it is no longer what it was', async () => {
    writeFileSync(join(dataDir, 'topics.json'), '{"lastId":');
    await expect(startKafka({ dataDir }, QUIET)).rejects.toThrow('topics.json');
  });
});
