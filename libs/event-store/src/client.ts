import type { EventStoreDBClient } from '@eventstore/db-client';
import { createClient, readConnection, type EventStoreAddress } from './connection/connection.js';
import { withTimeout } from './wire/response-timeout.js';

/** How long the server may take for an append. The client sends it as a point in time, which the server's clock decides. */
export const APPEND_DEADLINE_MS = 10_000;

const CLOSE_TIMEOUT_MS = 2_000;

/** Added to the errors that an operator sees in the readiness check. */
export const CONNECTION_HINT = 'is the event store at EVENTSTORE_URL up, and reachable from here?';

/** The event store cannot be reached as configured, or does not respond. */
export class EventStoreUnavailableError extends Error {}

/**
 * Creates the one client of a process. There must not be a second one: the client's module keeps pending appends for all
 * clients together, so a connection of another client that breaks would reject ours.
 * @throws ConfigError for variables or a connection string that are not valid; it contains no password
 */
export const connectEventStore = (address: EventStoreAddress): EventStoreDBClient =>
  createClient(readConnection(address));

/**
 * Closes a client. The client waits for the end of its streams, which may never come for a read that timed out. After two
 * seconds the connection is left open until the process ends.
 */
export async function closeEventStore(client: Pick<EventStoreDBClient, 'dispose'>): Promise<void> {
  await withTimeout(CLOSE_TIMEOUT_MS, client.dispose()).catch(() => undefined);
}
