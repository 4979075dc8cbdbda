import { launch, type DevServer, type LaunchOptions } from '../process/dev-server.js';

/**
 * Starts a server that speaks EventStoreDB's protocol and keeps its events in a directory. They survive it.
 * @param settings `port` is the preferred one; a free one is taken when it is busy
 * @returns `url` is a connection string for @eventstore/db-client
 * @throws when the directory is in use, or its log is damaged
 */
export function startEventStore(
  settings: { dataDir: string; port?: number },
  options?: LaunchOptions,
): Promise<DevServer<{ url: string }>> {
  return launch<{ url: string }>('eventstore/main', settings, options);
}
