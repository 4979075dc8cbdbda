import { AccessDeniedError, UnavailableError } from '@eventstore/db-client';
import type { ServerCheck } from '#libs/platform';
import { closeEventStore, connectEventStore } from './client.js';
import { readAll } from './read-streams.js';

export const eventStoreCheck = (url: string): ServerCheck => ({
  server: 'the event store at EVENTSTORE_URL',
  address: url,
  probe: probeEventStore,
});

/**
 * Reads the last event of `$all`, which also needs the right to do so. In a cluster it tries each named node by itself, until
 * one responds, because discovery does not tell why a node cannot be used.
 * @throws an error that says why, or an AggregateError with the reason of each node
 */
async function probeEventStore(url: string): Promise<void> {
  // Throws for a connection string that is not valid.
  await closeEventStore(connectEventStore(url));
  await Promise.any(nodeUrlsOf(url).map(readLastEvent));
}

function nodeUrlsOf(url: string): string[] {
  const [, user = '', hosts = '', rest = ''] = /^esdb(?:\+discover)?:\/\/(.*@)?([^/?]*)(.*)$/.exec(url) ?? [];
  return hosts.split(',').map((host) => `esdb://${user}${host}${rest}`);
}

async function readLastEvent(url: string): Promise<void> {
  const client = connectEventStore(url);
  try {
    for await (const entries of readAll(client, { after: undefined, direction: 'backwards', maxCount: 1 })) {
      void entries;
    }
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error });
  } finally {
    await closeEventStore(client);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AccessDeniedError)
    return 'access denied: wrong user name or password, or a user who may not read $all';
  const text = error instanceof Error ? error.message : String(error);
  // "14 UNAVAILABLE: No connection established. Last error: Error: self-signed certificate. Resolution note: "
  const cause = /Last error: (?:Error: )?(.*?)\.? Resolution note/s.exec(text)?.[1];
  return error instanceof UnavailableError && cause !== undefined ? `no connection: ${cause}` : text;
}
