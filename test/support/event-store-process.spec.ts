import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { closeEventStore } from '#libs/event-store';
import { eventStoreCommand, startEventStoreProcess } from './event-store-process.js';
import { openEmptyEventStore } from './event-store.js';
import { startExternalServers } from './external-servers.js';

const WRAPPER = `'${process.execPath}' '${resolve(import.meta.dirname, './servers/dev-event-store.mjs')}'`;
const event = () => jsonEvent({ type: 'Tested', data: {} });

describe('eventStoreCommand', () => {
  it.each([
    ['start', "start 2113 '/tmp/a b'"],
    ['start --port {port} --db={directory}', "start --port 2113 --db='/tmp/a b'"],
    ['start {directory} --http {port} --tcp {port}', "start '/tmp/a b' --http 2113 --tcp 2113"],
    ['start --port {port}', 'start --port 2113'],
  ])('inserts port and directory into %s', (command, expected) => {
    expect(eventStoreCommand(command, 2113, '/tmp/a b')).toBe(expected);
  });
});

describe('EVENTSTORE_COMMAND', () => {
  const former = process.env['EVENTSTORE_COMMAND'];
  let dataDir: string;
  beforeEach(async () => {
    dataDir = join(await mkdtemp(join(tmpdir(), 'event-store-')), "it's one");
    process.env['EVENTSTORE_COMMAND'] = `${WRAPPER} {port} {directory}`;
  });
  afterEach(async () => {
    if (former === undefined) delete process.env['EVENTSTORE_COMMAND'];
    else process.env['EVENTSTORE_COMMAND'] = former;
    await rm(dataDir, { recursive: true, force: true });
  });

  it('starts an event store that can be killed, started again at the same port, and stopped', async () => {
    const first = await startEventStoreProcess({ dataDir });
    const client = EventStoreDBClient.connectionString(first.addresses.url);
    await client.appendToStream('s', event());
    await closeEventStore(client);
    await first.kill();
    expect((await first.exited).signal).toBe('SIGKILL');
    const port = Number(new URL(first.addresses.url.replace('esdb:', 'http:')).port);
    const second = await startEventStoreProcess({ dataDir, port });
    expect(second.addresses).toEqual(first.addresses);
    const other = EventStoreDBClient.connectionString(second.addresses.url);
    expect((await other.appendToStream('s', event())).nextExpectedRevision).toBe(1n);
    await closeEventStore(other);
    await second.stop();
    expect((await second.exited).code).toBe(0);
  });

  it('throws when the command ends before it is ready', async () => {
    process.env['EVENTSTORE_COMMAND'] = 'sh -c "exit 3"';
    await expect(startEventStoreProcess({ dataDir })).rejects.toThrow(
      'EVENTSTORE_COMMAND has ended before it was ready (3)',
    );
  });

  it('is used by all suites, including those of the standalone service', async () => {
    const store = await openEmptyEventStore();
    const outside = await startExternalServers();
    try {
      expect(outside.env['EVENTSTORE_URL']).toMatch(/^esdb:\/\/127\.0\.0\.1:\d+\?tls=false$/);
      expect(outside.env['EVENTSTORE_URL']).not.toBe(store.url);
    } finally {
      await Promise.all([store.stop(), outside.stop()]);
    }
  });
});
