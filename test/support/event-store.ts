import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStoreContainer } from './servers/containers/event-store.js';
import { startEventStoreProcess } from './event-store-process.js';
import { realServers } from './real-servers.js';
import { hasSharedServers, openSharedServer } from './shared-servers.js';
import type { TestEventStore } from './test-servers.js';

export type { TestEventStore };

/** Opens the event store at EVENTSTORE_URL, or an empty one. */
export async function openTestEventStore(): Promise<TestEventStore> {
  const url = process.env['EVENTSTORE_URL'];
  return url ? { url, stop: () => Promise.resolve() } : openEmptyEventStore();
}

/** Opens an empty event store: that of EVENTSTORE_COMMAND, a container, or a development server. */
export async function openEmptyEventStore(): Promise<TestEventStore> {
  if (!process.env['EVENTSTORE_COMMAND'] && realServers().has('containers'))
    return startEventStoreContainer();
  if (!process.env['EVENTSTORE_COMMAND'] && hasSharedServers()) return openSharedServer('eventStore', {});
  return startOwnEventStore();
}

/** A process that only the caller uses and may pause or kill: what EVENTSTORE_COMMAND starts, or a development server. */
export async function startOwnEventStore(): Promise<TestEventStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'event-store-'));
  const server = await startEventStoreProcess({ dataDir });
  return {
    url: server.addresses.url,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
