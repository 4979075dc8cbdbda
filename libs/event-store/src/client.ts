import { EventStoreDBClient } from '@eventstore/db-client';
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
 * @param url `esdb://host:2113?tls=false`, or `esdb+discover://…` for a cluster
 * @throws Error for a connection string that the client cannot read, or would misread silently
 */
export function connectEventStore(url: string): EventStoreDBClient {
  if (!/^esdb(\+discover)?:\/\//.test(url))
    throw new Error('EVENTSTORE_URL must begin with esdb:// or esdb+discover://');
  if (/tlsVerifyCert=false/i.test(url))
    throw new Error('EVENTSTORE_URL: tlsVerifyCert=false has no effect, remove it');
  try {
    return EventStoreDBClient.connectionString(url);
  } catch (error) {
    throw withoutConnectionString(error);
  }
}

/** Replaces the client's error, which may contain the connection string and its password, and would be logged. */
const withoutConnectionString = (error: unknown): Error =>
  error instanceof Error && error.message.startsWith('Failed to load certificate')
    ? new Error('EVENTSTORE_URL: the file of tlsCAFile cannot be read')
    : new Error('EVENTSTORE_URL is not a valid EventStoreDB connection string');

/**
 * Closes a client. The client waits for the end of its streams, which may never come for a read that timed out. After two
 * seconds the connection is left open until the process ends.
 */
export async function closeEventStore(client: Pick<EventStoreDBClient, 'dispose'>): Promise<void> {
  await withTimeout(CLOSE_TIMEOUT_MS, client.dispose()).catch(() => undefined);
}
