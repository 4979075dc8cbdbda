import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { closeEventStore } from '#libs/event-store';
import { startEventStore } from '../../../libs/dev-servers/src/start-servers.js';
import { newDataDir } from './event-store-fixtures.js';
import { expectProductionRefused, serverMain } from './server-main.js';

const quiet = { stdio: 'ignore' } as const;

describe('startEventStore', () => {
  it('refuses to run in production before it writes to disk', async () =>
    expectProductionRefused(serverMain('eventstore'), await newDataDir()));

  it('listens on a free port when the preferred one is busy', async () => {
    const one = await startEventStore({ dataDir: await newDataDir() });
    const port = Number(new URL(one.addresses.url).port);
    const other = await startEventStore({ dataDir: await newDataDir(), port });
    expect(new URL(other.addresses.url).port).not.toBe(String(port));
    const client = EventStoreDBClient.connectionString(other.addresses.url);
    const { success } = await client.appendToStream('s', jsonEvent({ type: 'Tested', data: {} }));
    expect(success).toBe(true);
    await closeEventStore(client);
    await one.stop();
    const again = await startEventStore({ dataDir: await newDataDir(), port });
    expect(new URL(again.addresses.url).port).toBe(String(port));
    await again.stop();
    await other.stop();
  });

  it('rejects a data directory in use, and opens it once the other server is killed', async () => {
    const dataDir = await newDataDir();
    const holder = await startEventStore({ dataDir }, quiet);
    await expect(startEventStore({ dataDir }, quiet)).rejects.toThrow(/in use/);
    await holder.kill();
    const next = await startEventStore({ dataDir });
    await next.stop();
    expect((await next.exited).code).toBe(0);
  });

  it('stops while calls are open and keeps acknowledged events', async () => {
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
    await closeEventStore(client);

    const again = await startEventStore({ dataDir });
    const other = EventStoreDBClient.connectionString(again.addresses.url);
    for await (const { event } of other.readStream('s')) expect(event!.position).toEqual(position);
    await closeEventStore(other);
    await again.stop();
  });

  it('exits when its parent is killed', async () => {
    const dataDir = await newDataDir();
    const start = new URL('../../../dist/libs/dev-servers/src/start-servers.js', import.meta.url).href;
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
    // The server has inherited the pipe, which closes when both processes have exited.
    await closed;
    const next = await startEventStore({ dataDir });
    await next.stop();
    expect((await next.exited).code).toBe(0);
  });
});
