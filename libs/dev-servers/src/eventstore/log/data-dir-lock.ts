import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Holds a data directory for one process. */
export interface DataDirLock {
  release(): void;
}

/**
 * Node has no file locks, but SQLite takes them: an exclusive transaction on an empty database is a lock that the
 * operating system drops with the process, however it ends, on every platform.
 * @throws when another process, or this one, holds the directory
 */
export function lockDataDir(dataDir: string): DataDirLock {
  const database = new DatabaseSync(join(dataDir, 'lock'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new Error(`${dataDir} is in use by another event store`, { cause: error });
  }
  return { release: () => database.close() };
}
