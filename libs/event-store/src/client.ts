import { EventStoreDBClient } from '@eventstore/db-client';

/** How long the server may take to an append. It travels as a point in time, and is checked by the server's clock. */
export const APPEND_DEADLINE_MS = 10_000;

/** The event store cannot be reached as configured, or does not answer. */
export class EventStoreUnavailable extends Error {}

/**
 * The process's one client: pending appends are global to the client's module, and another client's broken stream
 * would reject ours.
 * @param url e.g. `esdb://host:2113?tls=false`, or `esdb+discover://…` for a cluster
 * @throws Error at start for a string that the client would misread in silence
 */
export function connectEventStore(url: string): EventStoreDBClient {
  if (!/^esdb(\+discover)?:\/\//.test(url))
    throw new Error('EVENTSTORE_URL must begin with esdb:// or esdb+discover://');
  if (/tlsVerifyCert=false/i.test(url))
    throw new Error('EVENTSTORE_URL: tlsVerifyCert=false has no effect, remove it');
  try {
    return EventStoreDBClient.connectionString(url);
  } catch {
    // The client's error carries the string, password and all, and who logs an error logs that.
    throw new Error('EVENTSTORE_URL is no connection string that the client can read');
  }
}
