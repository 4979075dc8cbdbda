import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The file that is locked. Whoever empties a locked directory leaves it, or another process could lock a new one. */
export const LOCK_FILE = 'lock';

/** A database that nobody refers to is closed when garbage is collected, and its lock is gone. */
const held = new Set<DatabaseSync>();

/**
 * Holds a directory, which is made if it does not exist, for one process.
 *
 * Node has no file locks, but SQLite takes them: an exclusive transaction on an empty database is a lock that the
 * operating system drops with the process, however it ends, on every platform.
 * @returns what gives the directory back
 * @throws when another process, or this one, holds it
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
  held.add(database);
  return () => {
    held.delete(database);
    database.close();
  };
}
