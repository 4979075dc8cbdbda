import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStore } from '../../libs/dev-servers/src/eventstore/start.js';

/** The event store that the contract is checked on: the one at EVENTSTORE_URL, else a development server. */
export async function eventStoreUnderTest(): Promise<{ url: string; stop(): Promise<void> }> {
  const url = process.env['EVENTSTORE_URL'];
  if (url) return { url, stop: () => Promise.resolve() };
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
