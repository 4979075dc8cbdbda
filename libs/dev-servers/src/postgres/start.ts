import { resolve } from 'node:path';
import { type DevServer, launch, type LaunchOptions } from '../process/dev-server.js';
import type { PostgresAddresses, PostgresSettings } from './open-postgres.js';

/** A first start runs initdb, and one after a crash replays the log: both are slow on a busy machine. */
const READY_WITHIN_MS = 300_000;

/**
 * Starts PostgreSQL, by default from its npm package, in a child process. The database `invitations` exists when this resolves.
 * @throws when this platform has no package, or another process runs PostgreSQL on the same directory
 */
export function startPostgres(
  settings: PostgresSettings,
  options?: LaunchOptions,
): Promise<DevServer<PostgresAddresses>> {
  const dataDir = resolve(settings.dataDir);
  return launch('postgres/main', { ...settings, dataDir }, { readyWithinMs: READY_WITHIN_MS, ...options });
}
