import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The name of the locked file. Keep it when you empty a locked directory: another process could lock a new file. */
export const LOCK_FILE = 'lock';

/** References to open databases. Garbage collection would close a database and release its lock. */
const heldLocks = new Set<DatabaseSync>();

/**
 * Locks a directory for this process and creates it if it does not exist.
 *
 * Node has no file locks, but SQLite does: an exclusive transaction on an empty database is a lock that the operating system
 * releases on every platform when the process ends, even after a crash.
 * @returns a function that releases the lock
 * @throws when another process, or this one, holds the lock
 */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true });
  const database = new DatabaseSync(join(dataDir, LOCK_FILE));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new Error(`${dataDir} is in use by another process`, { cause: error });
  }
  heldLocks.add(database);
  return () => {
    heldLocks.delete(database);
    database.close();
  };
}
