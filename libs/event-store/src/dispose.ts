import type { EventStoreDBClient } from '@eventstore/db-client';
import { within } from './within.js';

const DISPOSE_MS = 2_000;

/**
 * Closes a client. It waits for the ends of its streams, and the end of a read that was given up may never come: then
 * the connection is left to the end of the process.
 */
export async function dispose(client: Pick<EventStoreDBClient, 'dispose'>): Promise<void> {
  await within(DISPOSE_MS, client.dispose()).catch(() => undefined);
}
