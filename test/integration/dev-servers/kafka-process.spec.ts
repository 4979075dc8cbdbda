import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startKafka } from '../../../libs/dev-servers/src/start-servers.js';
import { listen } from '../../../libs/dev-servers/src/process/listen.js';
import { expectProductionRefused, serverMain } from './server-main.js';

const MAIN = serverMain('kafka');
const QUIET = { stdio: 'ignore' } as const;

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kafka-process-'));
});

afterEach(() => rm(dataDir, { recursive: true }));

describe('startKafka', () => {
  it('refuses to run in production before it writes to disk', () => expectProductionRefused(MAIN, dataDir));

  it('exits when its parent disconnects', async () => {
    const child = fork(MAIN, [JSON.stringify({ dataDir })], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(child, 'message');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('listens on the preferred port, or on a free one when that is busy', async () => {
    const blocker = createServer();
    const port = await listen(blocker);
    const other = await startKafka({ dataDir, port }, QUIET);
    expect(other.addresses.brokers).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(other.addresses.brokers).not.toBe(`127.0.0.1:${port}`);
    await other.stop();
    blocker.close();
    await once(blocker, 'close');
    const preferred = await startKafka({ dataDir, port }, QUIET);
    expect(preferred.addresses.brokers).toBe(`127.0.0.1:${port}`);
    await preferred.stop();
  });
});

describe('startKafka data directory', () => {
  it('allows one broker at a time, does not let a second one disturb it, and allows another after a kill', async () => {
    const first = await startKafka({ dataDir }, QUIET);
    await expect(startKafka({ dataDir }, QUIET)).rejects.toThrow('in use by another process');
    await expect(startKafka({ dataDir }, QUIET)).rejects.toThrow('in use by another process');
    await first.kill();
    const second = await startKafka({ dataDir }, QUIET);
    await second.stop();
  });

  it('rejects a data directory with a damaged file and names the file', async () => {
    writeFileSync(join(dataDir, 'topics.json'), '{"lastId":');
    await expect(startKafka({ dataDir }, QUIET)).rejects.toThrow('topics.json');
  });
});
