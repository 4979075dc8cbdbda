import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStore } from '../../libs/dev-servers/src/eventstore/start.js';
import { startEventStoreContainer } from '../servers/containers/event-store.js';
import { realServers } from './real-servers.js';
import type { EventStoreUnderTest } from './under-test.js';

export type { EventStoreUnderTest };

/** The event store at EVENTSTORE_URL or, without that, one of its own: a container, or a development server. */
export async function eventStoreUnderTest(): Promise<EventStoreUnderTest> {
  const url = process.env['EVENTSTORE_URL'];
  if (url) return { url, stop: () => Promise.resolve() };
  if (realServers().has('containers')) return startEventStoreContainer();
  const dataDir = await mkdtemp(join(tmpdir(), 'event-store-'));
  const server = await startEventStore({ dataDir });
  return {
    url: server.addresses.url,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
