import { hasSharedServers, openSharedServer } from '../../support/shared-servers.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStore } from '#libs/dev-servers';
import type { TestEventStore } from '../../support/test-servers.js';

/** The administrator's password on the servers that tests use. */
export const ADMIN = { username: 'admin', password: 'changeit' };

/**
 * Opens an event store with TLS and users: that of EVENTSTORE_SECURE_URL, which names its authority's certificate as `tlsCAFile`,
 * or a development server.
 */
export async function openSecureEventStore(): Promise<TestEventStore> {
  const given = process.env['EVENTSTORE_SECURE_URL'];
  if (given) return { url: given, stop: () => Promise.resolve() };
  if (hasSharedServers()) return openSharedServer('eventStore', { secure: true });
  const dataDir = await mkdtemp(join(tmpdir(), 'event-store-'));
  const server = await startEventStore({ dataDir, secure: true });
  return {
    url: server.addresses.url,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
