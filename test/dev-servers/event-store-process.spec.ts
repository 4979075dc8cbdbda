import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { startEventStore } from '../../libs/dev-servers/src/eventstore/start.js';
import { newDataDir } from './event-store-support.js';

const quiet = { stdio: 'ignore' } as const;

describe('an event store server', () => {
  it('refuses production before it touches the disk', async () => {
    const dataDir = await newDataDir();
    const main = fileURLToPath(
      new URL('../../dist/libs/dev-servers/src/eventstore/main.js', import.meta.url),
    );
    const run = promisify(execFile)(process.execPath, [main, JSON.stringify({ dataDir })], {
      env: { ...process.env, NODE_ENV: 'production' },
    });
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('NODE_ENV=production'),
    });
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('takes a free port when the preferred one is busy', async () => {
    const one = await startEventStore({ dataDir: await newDataDir() });
    const port = Number(new URL(one.addresses.url).port);
    const other = await startEventStore({ dataDir: await newDataDir(), port });
    expect(new URL(other.addresses.url).port).not.toBe(String(port));
    const client = EventStoreDBClient.connectionString(other.addresses.url);
    const { success } = await client.appendToStream('s', jsonEvent({ type: 'Tested', data: {} }));
    expect(success).toBe(true);
    await client.dispose();
    await one.stop();
    const again = await startEventStore({ dataDir: await newDataDir(), port });
    expect(new URL(again.addresses.url).port).toBe(String(port));
    await again.stop();
    await other.stop();
  });

  it('refuses a data directory that another one holds, and takes it when that is killed', async () => {
    const dataDir = await newDataDir();
    const holder = await startEventStore({ dataDir }, quiet);
    await expect(startEventStore({ dataDir }, quiet)).rejects.toThrow(/in use/);
    await holder.kill();
    const next = await startEventStore({ dataDir });
    await next.stop();
    expect((await next.exited).code).toBe(0);
  });

  it('stops while calls are open, and keeps what it has acknowledged', async () => {
    const dataDir = await newDataDir();
    const server = await startEventStore({ dataDir });
    const client = EventStoreDBClient.connectionString(server.addresses.url);
    const subscription = client.subscribeToAll();
    subscription.on('data', () => undefined);
    const failed = once(subscription, 'error');
    await once(subscription, 'caughtUp');
    const { position } = await client.appendToStream('s', jsonEvent({ type: 'Tested', data: {} }));
    await server.stop();
    expect((await server.exited).code).toBe(0);
    expect((await failed)[0]).toBeInstanceOf(Error);
    await client.dispose();

    const again = await startEventStore({ dataDir });
    const other = EventStoreDBClient.connectionString(again.addresses.url);
    for await (const { event } of other.readStream('s')) expect(event!.position).toEqual(position);
    await other.dispose();
    await again.stop();
  });

  it('goes when its parent dies', async () => {
    const dataDir = await newDataDir();
    const start = new URL('../../dist/libs/dev-servers/src/eventstore/start.js', import.meta.url).href;
    const script = `
      const { startEventStore } = await import(${JSON.stringify(start)});
      await startEventStore({ dataDir: ${JSON.stringify(dataDir)} });
      console.log('ready');
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(parent.stdout, 'data');
    const closed = once(parent, 'close');
    parent.kill('SIGKILL');
    // The server has inherited the pipe: it closes when both are gone.
    await closed;
    const next = await startEventStore({ dataDir });
    await next.stop();
    expect((await next.exited).code).toBe(0);
  });
});
